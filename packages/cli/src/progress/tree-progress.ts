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

/** The time, and what is done once a frame until it is stopped. */
export type Clock = Readonly<{ now(): number; start(frame: () => void): () => void }>;

const realClock: Clock = {
  now: () => Date.now(),
  start(frame) {
    const timer = setInterval(frame, frameTime).unref();
    return () => clearInterval(timer);
  },
};

/**
 * A picture of the images and their steps that changes in place; what others write meanwhile goes above it. In the end
 * a line for each image stays.
 */
export function treeProgress(
  stream: Pick<WriteStream, "columns" | "rows" | "write">,
  { stderr, paint }: Pick<Surroundings, "stderr" | "paint">,
  clock: Clock = realClock,
): Progress {
  const state = new BuildState();
  const screen = new Screen(stream);
  const lines = (rows: number): readonly string[] => {
    const { columns } = screen;
    const tree = treeLines(state.images, { now: clock.now(), rows, columns });
    return tree.map((line) => renderLine(line, columns, paint));
  };
  const stop = clock.start(() => screen.draw(lines(screen.rows)));
  const insert = (text: string): void => screen.insert(text, lines(screen.rows));
  stderr.divert(insert);
  return {
    onEvent: (event: BuildEvent) => {
      if (event.type !== "warning") return state.apply(event);
      const [head, text] = formatWarning(event, event.image);
      insert(`${paint("yellow", head)} ${text}\n`);
    },
    end: () => {
      stop();
      stderr.divert(undefined);
      // Nothing is drawn over these, so they need not fit.
      screen.draw(lines(Number.POSITIVE_INFINITY));
    },
  };
}
