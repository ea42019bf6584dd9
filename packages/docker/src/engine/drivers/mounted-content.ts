import { createHash } from "node:crypto";
import type { ContextEntry } from "@imagespec/core";
import { wrapShells } from "./run-shell.ts";

const bindMount = /--mount=type=bind,(?:from=([^,\s]+),)?source=([^,\s]+)/g;
const firstLine = /^FROM (?:--\S+ )?(\S+) AS (\S+)/i;

/**
 * podman and buildah take a step from their cache whatever was mounted then. So each step that mounts a part of the
 * context, or a stage, gets a digest of that, as the name of a shell that runs it.
 */
export async function withMountedContent(
  dockerfile: string,
  entries: AsyncIterable<ContextEntry>,
): Promise<string> {
  const sources = [...dockerfile.matchAll(bindMount)].flatMap(([, from, path = ""]) =>
    from === undefined ? [path] : [],
  );
  const contents = await digestSources(new Set(sources), entries);
  const stages = new Map<string, string>();
  const written = dockerfile.split(/(?<!\\\n)^(?=FROM )/m).map((stage) => {
    const text = wrapMounts(stage, contents, stages);
    const [, base = "", name = ""] = firstLine.exec(stage) ?? [];
    stages.set(name, digest(text, stages.get(base) ?? ""));
    return text;
  });
  return written.join("");
}

type Digests = ReadonlyMap<string, string>;

function wrapMounts(stage: string, contents: Digests, stages: Digests): string {
  return wrapShells(stage, (options) => {
    const mounted = [...options.matchAll(bindMount)].map(([, from, path = ""]) =>
      from === undefined ? contents.get(path) : stages.get(from),
    );
    if (mounted.length === 0) return undefined;
    return { script: 'exec "$@"', name: digest(...mounted.map((one) => one ?? "")).slice(0, 32) };
  });
}

/** Of each source what lies there, to the mode. */
async function digestSources(
  sources: ReadonlySet<string>,
  entries: AsyncIterable<ContextEntry>,
): Promise<Digests> {
  const found = new Map([...sources].map((source) => [source, createHash("sha256")] as const));
  for await (const entry of entries) {
    const own = [...found].filter(([source]) => entry.path === source || entry.path.startsWith(`${source}/`));
    if (own.length === 0) continue;
    const content = await digestEntry(entry);
    for (const [, hash] of own) hash.update(content);
  }
  return new Map([...found].map(([source, hash]) => [source, hash.digest("hex")]));
}

async function digestEntry(entry: ContextEntry): Promise<string> {
  const { type, path } = entry;
  if (type === "symlink") return digest(type, path, entry.target);
  const hash = createHash("sha256");
  if (type === "file") for await (const part of entry.open()) hash.update(part);
  return digest(type, path, String(entry.mode), hash.digest("hex"));
}

function digest(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
