import { expect, test } from "vitest";
import { Screen } from "./screen.ts";

function recorder(): Readonly<{ screen: Screen; written: readonly string[] }> {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { screen: new Screen({ columns: 40, rows: 10, write: write as never }), written };
}

test("a frame is one write, shown at once, that leaves the terminal as it was", () => {
  const { screen, written } = recorder();
  screen.draw(["one", "two"]);
  screen.draw(["one", "three"]);
  expect(written).toEqual([
    "\u001B[?2026h\u001B[?25l\r\u001B[?7lone\u001B[K\ntwo\u001B[K\n\u001B[?7h\u001B[J\u001B[?25h\u001B[?2026l",
    "\u001B[?2026h\u001B[?25l\r\u001B[2A\u001B[?7lone\u001B[K\nthree\u001B[K\n\u001B[?7h\u001B[J\u001B[?25h\u001B[?2026l",
  ]);
});

test("what is on the screen is not written again", () => {
  const { screen, written } = recorder();
  screen.draw(["one"]);
  screen.draw(["one"]);
  expect(written).toHaveLength(1);
});

test("text above the frame comes with the frame in one write, and ends its line", () => {
  const { screen, written } = recorder();
  screen.draw(["frame"]);
  screen.insert("said", ["frame"]);
  expect(written[1]).toBe(
    "\u001B[?2026h\u001B[?25l\r\u001B[1A\u001B[Jsaid\n\u001B[?7lframe\u001B[K\n\u001B[?7h\u001B[J\u001B[?25h\u001B[?2026l",
  );
});
