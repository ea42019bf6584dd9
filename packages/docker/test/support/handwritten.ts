import type { ContextEntry } from "@imagespec/core";
import type { EmittedDockerfile } from "../../src/dockerfile/index.ts";

type Extras = Readonly<{ secrets?: readonly string[]; buildArguments?: Readonly<Record<string, string>> }>;

/** A Dockerfile of a test's own in the place of the emitted one. */
export function handwritten(lines: readonly string[], { secrets = [], buildArguments = {} }: Extras = {}) {
  const text = `${lines.join("\n")}\n`;
  return (): EmittedDockerfile => ({
    text,
    unlabelled: { text, labels: {} },
    buildArguments,
    secrets: secrets.map((id) => ({ id, target: `/run/secrets/${id}` })),
    files: [],
  });
}

/** A file of the context. */
export function fileEntry(path: string, content: string | Uint8Array, mode = 0o644): ContextEntry {
  const bytes = Buffer.from(content as string);
  const open = async function* () {
    yield bytes;
  };
  return { type: "file", path, mode, size: bytes.length, open };
}
