import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildEvent, ImageSpec } from "@imagespec/core";
import { expect, test, vi } from "vitest";
import { build, onLog } from "./support/engine.ts";
import { writeProgram } from "./support/programs.ts";
import { prepareSuite } from "./support/suite.ts";
import { prepareUserHome } from "./support/user-home.ts";

const { registry, base, programs } = prepareSuite();
const user = prepareUserHome();
const small: ImageSpec = { name: "interrupted", registry, baseImage: base, commands: ["true"] };
/** How long it sleeps tells a step of this run from all other processes. */
const seconds = `98765.${process.pid}`;
const endless: ImageSpec = { ...small, commands: ["echo sleeping", `sleep ${seconds}`] };

/** How many processes of this machine run these words. */
async function processesOf(...words: readonly string[]): Promise<number> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  // One that has ended meanwhile has no file.
  const lines = numbers.map((number) => readFile(`/proc/${number}/cmdline`, "utf8").catch(() => ""));
  const wanted = words.map((word) => `${word}\0`).join("");
  return (await Promise.all(lines)).filter((line) => line === wanted).length;
}

const runningSteps = (count: number) =>
  vi.waitUntil(async () => (await processesOf("sleep", seconds)) === count, { timeout: 20_000 });

test("Ctrl-C while a step runs ends the step", async () => {
  const abort = new AbortController();
  const { outcome } = await build(endless, {
    options: { binary: programs.envd },
    signal: abort.signal,
    onEvent: onLog("sleeping", () => void runningSteps(1).then(() => abort.abort())),
  });
  expect(outcome.error?.code).toBe("ABORTED");
  await runningSteps(0);
});

test("Ctrl-C before and while envd starts", async () => {
  const stages: BuildEvent["type"][] = ["build-start", "step-start"];
  for (const stage of stages) {
    const abort = new AbortController();
    const { outcome } = await build(endless, {
      options: { binary: programs.envd },
      signal: abort.signal,
      onEvent: ({ type }) => type === stage && abort.abort(),
    });
    expect(outcome.error?.code, stage).toBe("ABORTED");
  }
});

/**
 * A build that waits for a sleeping process is aborted, and so is that. Nobody but the host listens to signals: a
 * second listener would take the first one, when it listens once, for none, and end the process.
 */
async function expectInterrupted(spec: ImageSpec, run: Parameters<typeof build>[1]): Promise<void> {
  const abort = new AbortController();
  const listeners = process.listenerCount("SIGINT");
  const running = build(spec, { ...run, signal: abort.signal });
  await runningSteps(1);
  expect(process.listenerCount("SIGINT")).toBe(listeners);
  abort.abort();
  expect((await running).outcome.error?.code).toBe("ABORTED");
  await runningSteps(0);
}

test.each(["version", "context", "build"])("Ctrl-C while envd does not come back from %s", async (stage) => {
  const text = `[ "$1" != ${stage} ] || exec sleep ${seconds}\nexec ${programs.envd} "$@"`;
  const binary = await writeProgram(join(user.root, "envd"), text);
  const context = { builder: "unix", address: join(user.root, "no.sock") } as const;
  await expectInterrupted(small, { options: { binary, context } });
});

test("Ctrl-C while a lock is exported", async () => {
  const uv = await writeProgram(join(user.root, "uv"), `exec sleep ${seconds}`);
  const files = {
    "pyproject.toml": '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n',
    "uv.lock": 'version = 1\nrequires-python = ">=3.11"\n',
  };
  const spec = { ...small, requirements: "uv.lock" };
  await expectInterrupted(spec, { files, options: { binary: programs.envd, uv } });
});

// Of one spec into the engine's store: registries themselves may fail where one tag is pushed twice at once.
test.each([
  ["of two specs", ["a", "b"], true],
  ["of one spec", ["a", "a"], false],
])("two builds at once, %s, do not disturb each other", async (_, words, push) => {
  const specs = words.map((word) => ({
    ...small,
    name: `at-once-${word}`,
    commands: [`echo ${word} > word; sleep 1; test "$(cat word)" = ${word}`],
  }));
  const run = { options: { binary: programs.envd }, force: true, push };
  const both = await Promise.all(specs.map((spec) => build(spec, run)));
  expect(both.map(({ outcome }) => outcome.error)).toEqual([undefined, undefined]);
});
