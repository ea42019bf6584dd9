import { execa } from "execa";
import { expect, test } from "vitest";
import { childOptions, endWithProcess } from "./end-with-process.ts";

const sleep = ["-e", "setInterval(() => {}, 1000)"];

test("a program ends with the process that started it, and nobody listens for that any longer than need be", async () => {
  const count = (): number => process.listenerCount("exit");
  const before = count();
  const children = [1, 2].map(() => execa(process.execPath, sleep, childOptions));
  for (const child of children) endWithProcess(child);
  expect(count()).toBe(before + 1);
  const listener = process.listeners("exit").at(-1)!;
  Reflect.apply(listener, process, [0]);
  for (const child of children) expect((await child).signal).toBe("SIGKILL");
  expect(count()).toBe(before);
});

test("a program that ends by itself is forgotten, also one that was never started", async () => {
  const before = process.listenerCount("exit");
  for (const binary of [process.execPath, "/nowhere/program"]) {
    const child = execa(binary, ["--version"], childOptions);
    endWithProcess(child);
    await child;
  }
  expect(process.listenerCount("exit")).toBe(before);
});
