import { once } from "node:events";
import { gunzipSync } from "node:zlib";
import { connectEngine, pushImage } from "@imagespec/test-services";
import { extract, pack } from "tar-stream";
import type { Executor } from "./executor.ts";
import { contextPaths, writeDockerfile } from "./write-dockerfile.ts";

export type DockerExecutorOptions = Readonly<{
  dockerHost: string;
  /** `127.0.0.1:PORT`, where images go whose target names no registry. */
  registry: string;
}>;

type Member = Readonly<{
  header: { name: string; type?: string | null; mode?: number; linkname?: string | null };
  bytes: Buffer;
}>;

async function readMembers(archive: Buffer | undefined): Promise<Member[]> {
  const members: Member[] = [];
  if (!archive) return members;
  const reader = extract();
  reader.on("entry", (header, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk) => chunks.push(chunk as Buffer));
    stream.on("end", () => {
      members.push({ header, bytes: Buffer.concat(chunks) });
      next();
    });
  });
  const finished = once(reader, "finish");
  reader.end(gunzipSync(archive));
  await finished;
  return members;
}

/** What the message names must have been sent. */
function checkPaths(paths: readonly string[], members: readonly Member[]): void {
  const names = new Set(members.map(({ header }) => header.name.replace(/\/$/, "")));
  const isThere = (path: string): boolean =>
    path === "." || names.has(path) || [...names].some((name) => name.startsWith(`${path}/`));
  const missing = paths.filter((path) => !isThere(path));
  if (missing.length > 0) throw new Error(`not in the context: ${missing.join(", ")}`);
}

function packBuild(dockerfile: string, members: readonly Member[]): NodeJS.ReadableStream {
  const tar = pack();
  tar.entry({ name: "Dockerfile" }, dockerfile);
  for (const { header, bytes } of members) {
    const { name, type, mode, linkname } = header;
    const entry = {
      name: `context/${name}`,
      type: (type ?? "file") as "file",
      ...(mode !== undefined && { mode }),
    };
    tar.entry({ ...entry, ...(linkname ? { linkname } : {}) }, type === "file" ? bytes : Buffer.alloc(0));
  }
  tar.finalize();
  return tar as unknown as NodeJS.ReadableStream;
}

type Line = Readonly<{ stream?: string; error?: string }>;

async function follow(answer: NodeJS.ReadableStream, log: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const chunk of answer) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.filter((text) => text.trim() !== "")) tell(JSON.parse(line) as Line, log);
  }
}

function tell({ stream, error }: Line, log: (line: string) => void): void {
  if (error !== undefined) throw new Error(`failed to solve: ${error}`);
  for (const line of (stream ?? "").split("\n").filter((text) => text.trim() !== "")) log(line);
}

/** Builds with a real engine and pushes to a real registry. */
export function dockerExecutor({ dockerHost, registry }: DockerExecutorOptions): Executor {
  const client = connectEngine(dockerHost);
  return async ({ message, context, target, log, signal }) => {
    const members = await readMembers(context);
    checkPaths(contextPaths(message), members);
    const isFolder = (path: string): boolean =>
      path === "." ||
      members.some(
        ({ header }) =>
          header.name.startsWith(`${path.replace(/\/$/, "")}/`) ||
          (header.type === "directory" && header.name === path),
      );
    const dockerfile = writeDockerfile(message, isFolder);
    const host = target.slice(0, Math.max(target.indexOf("/"), 0));
    const image = /[.:]|^localhost$/.test(host) ? target : `${registry}/${target}`;
    const options = { t: image, abortSignal: signal, rm: true, forcerm: true };
    await follow(await client.buildImage(packBuild(dockerfile, members), options), log);
    signal.throwIfAborted();
    await pushImage(client, image);
    return image;
  };
}
