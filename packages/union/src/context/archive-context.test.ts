import { createHash } from "node:crypto";
import type { ContextEntry } from "@imagespec/core/builder";
import { expect, test } from "vitest";
import { archiveContext } from "./archive-context.ts";

function file(path: string, text: string): ContextEntry {
  const bytes = Buffer.from(text);
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  return { type: "file", path, mode: 0o644, size: bytes.length, open };
}

async function digest(entries: readonly ContextEntry[]): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of archiveContext(entries)) hash.update(chunk);
  return hash.digest("hex");
}

test("the archive is frozen: one sequence of bytes on every host and release of Node", async () => {
  const entries = [
    { type: "directory", path: "copy", mode: 0o755 } as const,
    file("copy/a.txt", "text ".repeat(100_000)),
    { type: "symlink", path: "copy/link", target: "a.txt" } as const,
    file(`copy/${"ü".repeat(120)}`, "a long name"),
  ];
  expect(await digest(entries)).toMatchInlineSnapshot(
    `"46d641a9cfd75f1a35f2e22fc25b17be18f2564870d506db94ab68cb590fdf9c"`,
  );
  expect(await digest(entries)).toBe(await digest(entries));
});

test("gzip tells neither time nor name", async () => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of archiveContext([])) chunks.push(chunk);
  expect([...Buffer.concat(chunks).subarray(0, 8)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
});
