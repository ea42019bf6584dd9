import { existsSync } from "node:fs";
import { execa } from "execa";
import { expect, test } from "vitest";
import { createServiceDirectory, serviceScript, startService } from "../src/service.ts";
import { waitUntil } from "../src/wait-until.ts";

test("a service and its folder outlive not even an owner that is killed", async () => {
  const directory = createServiceDirectory("owned");
  const spawn = `spawn("sh", ${JSON.stringify([serviceScript("service.sh"), directory, "KILL", "sleep", "infinity"])}`;
  const code = `require("child_process").${spawn}, { detached: true }); setInterval(() => {}, 1000);`;
  const owner = execa(process.execPath, ["-e", code], { reject: false });
  await waitUntil(() => (existsSync(`${directory}/pid`) ? true : undefined), { what: "the service" });
  owner.kill("SIGKILL");
  await owner;
  await waitUntil(() => (existsSync(directory) ? undefined : true), { what: "the folder's end" });
});

test("a service that ends by itself tells what it printed", async () => {
  const service = startService(createServiceDirectory("short"), ["sh", "-c", "echo no such thing; exit 3"]);
  await expect(service.logged(/(never)/)).rejects.toThrow("no such thing");
  expect(service.hasExited()).toBe(true);
  await service.stop();
  expect(existsSync(service.directory)).toBe(false);
});

test("a service that does not listen to requests is ended all the same", async () => {
  const service = startService(createServiceDirectory("deaf"), [
    "sh",
    "-c",
    "trap '' TERM; echo up; exec sleep infinity",
  ]);
  await service.logged(/(up)/);
  await service.stop();
  expect(existsSync(service.directory)).toBe(false);
});
