import { beforeAll, expect, test } from "vitest";
import { commandFile, ensureCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";
import { Terminal } from "./support/terminal.ts";

beforeAll(ensureCommand);

/** A config with a builder that says that it has begun, and then does what a test says. */
function project(then: string): string {
  const builder = `{
    interfaceVersion: 1, name: "slow", capabilities: { localStore: true },
    probe: async () => ({ available: true, version: "1" }),
    exists: async () => ({ verdict: "absent" }),
    async build({ reference, services, signal }) {
      services.emit({ type: "step-start", image: reference, step: "1", name: "a step", time: Date.now() });
      await new Promise((resolve) => setTimeout(resolve, 300));
      ${then}
    },
  }`;
  const files = {
    "image.yaml": `name: app\nbuilder: slow\nbase_image: debian@sha256:${"0".repeat(64)}\n`,
    "imagespec.config.mjs": `export default { builders: [${builder}] };\n`,
  };
  return temporaryFolder(files);
}

const waiting = `
      signal.throwIfAborted();
      const held = setInterval(() => {}, 1000);
      signal.addEventListener("abort", () => clearInterval(held));
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));`;

async function startBuild(cwd: string): Promise<Terminal> {
  const variables = `HOME='${cwd}' XDG_CACHE_HOME='${cwd}/.cache' CI=`;
  // As an interactive shell does, it outlives what Ctrl-C ends, and the window with it.
  const command = `trap : INT; ${variables} '${process.execPath}' '${commandFile}' build; echo "code $?"; cat`;
  return Terminal.open(command, { columns: 80, rows: 24 }, cwd);
}

async function expectUsable(terminal: Terminal): Promise<void> {
  expect([await terminal.isCursorVisible(), await terminal.wraps()]).toEqual([true, true]);
}

test("Ctrl-C ends the tree, and the terminal is as it was", async () => {
  const terminal = await startBuild(project(waiting));
  await terminal.shows(/a step/);
  await expectUsable(terminal);
  await terminal.press("C-c");
  const screen = await terminal.shows(/^code \d+$/m);
  expect(screen).toMatch(
    /^cancelling; once more to end at once\n - app {2}skipped {2}app:\w+ +[\d.]+s\ninterrupted\ncode 130$/,
  );
  await expectUsable(terminal);
});

test.each([
  ["a crash", "setImmediate(() => { throw new Error('crash'); });"],
  ["a kill", "process.kill(process.pid, 'SIGKILL');"],
])("after %s, too", async (_, end) => {
  const terminal = await startBuild(project(`${end} ${waiting}`));
  const screen = await terminal.shows(/^code \d+$/m);
  expect(screen).toMatch(/^ \S app {2}building .*\n {3}\S a step /);
  await expectUsable(terminal);
});
