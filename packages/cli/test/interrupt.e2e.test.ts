import { randomBytes, randomInt } from "node:crypto";
import { readdirSync, readFileSync, truncateSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { ensureCommand, RunningCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const { dockerHost, registry, baseImages } = inject("services");

beforeAll(ensureCommand);

type Started = Readonly<{ running: RunningCommand; temporary: string; repository: string }>;

/** A build in a folder of its own, with a folder for temporary files that nobody else uses. */
function startBuild(
  name: string,
  fields: string,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Started {
  const spec = `name: ${name}\nregistry: ${registry}/cli\nbase_image: ${baseImages["python-system"]}\n${fields}`;
  const cwd = temporaryFolder({ "image.yaml": spec, "tmp/.keep": "", ...files });
  if (fields.includes("huge")) truncateSync(path.join(cwd, "huge"), 4 * 1024 ** 3);
  const temporary = path.join(cwd, "tmp");
  const environment = { DOCKER_HOST: dockerHost, TMPDIR: temporary };
  const running = new RunningCommand(["build", "--progress", "json"], { cwd, environment });
  return { running, temporary, repository: `cli/${name}` };
}

/** Command lines of all processes of the machine: containers of the test engine are among them. */
function commandLines(): readonly string[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    try {
      return [readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ")];
    } catch {
      return [];
    }
  });
}

async function tagsOf(repository: string): Promise<unknown> {
  const answer = await fetch(`http://${registry}/v2/${repository}/tags/list`);
  return answer.status === 404 ? null : ((await answer.json()) as { tags: unknown }).tags;
}

async function expectNothingLeft({ running, temporary, repository }: Started): Promise<void> {
  expect(await running.ended).toMatchObject({ code: 130, signal: null, stdout: "" });
  expect(running.leftProcesses()).toBe(false);
  expect(readdirSync(temporary)).toEqual([".keep"]);
  expect(await tagsOf(repository)).toBeNull();
}

describe("Ctrl-C leaves nothing behind", () => {
  test("while the context is sent", async () => {
    const build = startBuild("upload", "copy: [huge]", { huge: "" });
    await build.running.said(/"type":"context",.*"bytes":\d{8,}/);
    build.running.interrupt();
    await expectNothingLeft(build);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("while a command runs in the build (%s)", async (signal) => {
    const seconds = randomInt(1_000_000, 2_000_000);
    const build = startBuild(`command-${signal.toLowerCase()}`, `commands: ["echo now; sleep ${seconds}"]`);
    await build.running.said(/"type":"step-log".*"line":"now"/);
    build.running.interrupt(signal);
    await expectNothingLeft(build);
    await expect
      .poll(() => commandLines().filter((line) => line === `sleep ${seconds} `), { timeout: 30_000 })
      .toEqual([]);
  });

  test("while the image is pushed", async () => {
    const build = startBuild("push", "copy: [noise]", { noise: randomBytes(512 * 1024 * 1024) });
    await build.running.said(/"type":"push-progress".*"current":\d{6,}/);
    build.running.interrupt();
    await expectNothingLeft(build);
  });
});

test("the second Ctrl-C ends it at once", async () => {
  const seconds = randomInt(1_000_000, 2_000_000);
  const { running } = startBuild("twice", `commands: ["echo now; sleep ${seconds}"]`);
  await running.said(/"type":"step-log".*"line":"now"/);
  running.interrupt();
  await running.said(/cancelling; once more to end at once/);
  running.interrupt();
  const { code, signal } = await running.ended;
  expect(code === 130 || signal === "SIGINT").toBe(true);
});

test("a module that never ends can be ended, too", async () => {
  const cwd = temporaryFolder({ "image.mjs": "console.error('spinning');\nfor (;;);" });
  const running = new RunningCommand(["tag"], { cwd });
  await running.said(/spinning/);
  running.interrupt();
  expect(await running.ended).toMatchObject({ code: null, signal: "SIGINT" });
});
