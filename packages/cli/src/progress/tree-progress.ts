import type { WriteStream } from "node:tty";
import type { BuildEvent } from "@imagespec/core";
import type { Surroundings } from "../output/surroundings.ts";
import { formatWarning } from "../output/write-issue.ts";
import { BuildState } from "./image-state.ts";
import { renderLine } from "./line.ts";
import type { Progress } from "./progress.ts";
import { Screen } from "./screen.ts";
import { treeLines } from "./tree-view.ts";

/** Milliseconds from frame to frame. */
const frameTime = 100;

/** A picture of the images and their steps that changes in place; what others write meanwhile goes above it. */
export function treeProgress(
  stream: Pick<WriteStream, "columns" | "rows" | "write">,
  { stderr, paint }: Pick<Surroundings, "stderr" | "paint">,
): Progress {
  const state = new BuildState();
  const screen = new Screen(stream);
  const lines = (): readonly string[] =>
    treeLines(state.images, { now: Date.now(), rows: screen.rows }).map((line) =>
      renderLine(line, screen.columns, paint),
    );
  const timer = setInterval(() => screen.draw(lines()), frameTime).unref();
  stderr.divert((text) => screen.insert(text, lines()));
  return {
    onEvent: (event: BuildEvent) => {
      if (event.type !== "warning") return state.apply(event);
      const [head, text] = formatWarning(event, event.image);
      screen.insert(`${paint("yellow", head)} ${text}\n`, lines());
    },
    end: () => {
      clearInterval(timer);
      stderr.divert(undefined);
      screen.draw(lines());
    },
  };
}
