import { beforeEach, expect, test, vi } from "vitest";
import { isTerminal } from "./is-terminal.ts";
import { painter, wantsColor } from "./style.ts";

vi.mock("./is-terminal.ts", () => ({ isTerminal: vi.fn() }));
beforeEach(() => void vi.mocked(isTerminal).mockReset());

test.each<[NodeJS.ProcessEnv, boolean, boolean]>([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "false" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "3", NO_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ FORCE_COLOR: "" }, false, false],
  [{ TERM: "dumb" }, true, false],
  [{ TERM: "xterm", CI: "true" }, true, true],
])("%j, on a terminal: %j, colours: %j", (environment, onTerminal, colours) => {
  vi.mocked(isTerminal).mockReturnValue(onTerminal);
  expect(wantsColor(2, environment)).toBe(colours);
});

test("text is as it was where colours are not wanted", () => {
  expect([painter(false)("red", "x"), painter(true)("red", "x")]).toEqual(["x", "\u001B[31mx\u001B[39m"]);
});
