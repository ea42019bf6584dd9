import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, inject, test } from "vitest";
import type { BaseImageName } from "../src/base-images.ts";
import { connectEngine, followAnswer } from "../src/engine.ts";

async function run(name: BaseImageName, command: readonly string[]): Promise<readonly [number, string]> {
  const { dockerHost, baseImages } = inject("services");
  const client = connectEngine(dockerHost);
  await followAnswer(await client.pull(baseImages[name]));
  const output = new PassThrough();
  const create = { HostConfig: { AutoRemove: true }, Tty: true };
  const [{ StatusCode: status }] = (await client.run(baseImages[name], [...command], output, create)) as [
    { StatusCode: number },
  ];
  return [status, (await text(output.end())).replaceAll("\r", "").trim()];
}

test("python-nopip has no pip", async () => {
  const [status, output] = await run("python-nopip", ["python3", "-m", "pip", "--version"]);
  expect([status, output]).toEqual([1, "/usr/bin/python3: No module named pip"]);
});

test("python-system has pip and reaches the package index", async () => {
  const download = ["pip", "download", "--no-deps", "--dest=/tmp", "--quiet", "six==1.17.0"];
  expect(await run("python-system", download)).toEqual([0, ""]);
});

test("python-nonroot runs as its user", async () => {
  expect(await run("python-nonroot", ["sh", "-c", "id -u; pwd"])).toEqual([0, "1000\n/home/app"]);
});

test("python-venv has a console script of its environment", async () => {
  const command = ["sh", "-c", 'head -n 1 "$(command -v base-tool)"; base-tool pip'];
  const [status, output] = await run("python-venv", command);
  expect(output).toBe("#!/opt/venv/bin/python3\n/opt/venv/lib/python3.11/site-packages/pip/__init__.py");
  expect(status).toBe(0);
});
