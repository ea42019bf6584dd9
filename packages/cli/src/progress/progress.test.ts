import { expect, test, vi } from "vitest";
import { isTerminal } from "../output/is-terminal.ts";
import { processSurroundings } from "../output/surroundings.ts";
import { createProgress } from "./progress.ts";

vi.mock("../output/is-terminal.ts", () => ({ isTerminal: vi.fn() }));
const tree = { onEvent: () => {}, end: () => {} };
vi.mock("./tree-progress.ts", () => ({ treeProgress: () => tree }));

/** A tree is for somebody who looks at it. */
test.each<[NodeJS.ProcessEnv, boolean, boolean]>([
  [{}, true, true],
  [{}, false, false],
  [{ CI: "true" }, true, false],
  [{ CI: "1" }, true, false],
  [{ CI: "" }, true, true],
  [{ CI: "false" }, true, true],
  [{ CI: "0" }, true, true],
  [{ TERM: "dumb" }, true, false],
])("%j, on a terminal: %j, a tree: %j", async (environment, onTerminal, isTree) => {
  vi.mocked(isTerminal).mockReturnValue(onTerminal);
  const surroundings = { ...processSurroundings(), environment };
  expect((await createProgress("auto", surroundings)) === tree).toBe(isTree);
  expect(await createProgress("tty", surroundings)).toBe(tree);
});
