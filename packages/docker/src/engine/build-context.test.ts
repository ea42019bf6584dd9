import type { ContextEntry } from "@imagespec/core";
import { extract } from "tar-stream";
import { expect, test } from "vitest";
import { fileEntry } from "../../test/support/handwritten.ts";
import { buildContext } from "./build-context.ts";

async function entriesOf(tar: AsyncIterable<Buffer>) {
  const extraction = extract();
  const names: string[] = [];
  const reading = (async () => {
    for await (const entry of extraction) {
      names.push(`${entry.header.type} ${entry.header.name} ${entry.header.mode?.toString(8)}`);
      entry.resume();
    }
  })();
  for await (const chunk of tar) extraction.write(chunk);
  extraction.end(undefined);
  await reading;
  return names;
}

test("emitted files stand in front, folders before what they hold, and bytes are counted", async () => {
  const reports: [number, boolean][] = [];
  const entries = async function* (): AsyncGenerator<ContextEntry> {
    yield { type: "directory", path: "source", mode: 0o755 };
    yield fileEntry("source/large", Buffer.alloc(20 << 20));
  };
  const tar = buildContext({
    files: [
      { path: "Dockerfile", content: "FROM x\n" },
      { path: ".imagespec/uv/x86_64/uv", content: Buffer.from("elf"), mode: 0o755 },
    ],
    entries: entries(),
    report: (bytes, done) => reports.push([bytes, done]),
  });
  expect(await entriesOf(tar)).toEqual([
    "directory .imagespec 755",
    "directory .imagespec/uv 755",
    "directory .imagespec/uv/x86_64 755",
    "file .imagespec/uv/x86_64/uv 755",
    "file Dockerfile 644",
    "directory source 755",
    "file source/large 644",
  ]);
  expect(reports.at(-1)).toEqual([(20 << 20) + 10, true]);
});
