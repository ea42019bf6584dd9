import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const script = fileURLToPath(new URL("../../../scripts/serve-registry.mjs", import.meta.url));

function start(...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

test("serves a registry until it is told to stop", async () => {
  const child = start();
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const url = line.replace("registry: ", "");
  expect(await (await fetch(`${url}/v2/`)).text()).toBe("{}");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test.each([
  ["--port", "x"],
  ["--port", "65536"],
  ["--prot", "5000"],
])("refuses %s %s", async (...args) => {
  const child = start(...args);
  const said = await text(child.stderr);
  expect([child.exitCode ?? (await once(child, "exit"))[0], said]).toEqual([
    2,
    expect.stringContaining(args[0] ?? ""),
  ]);
});
