import type { Readable } from "node:stream";
import { type Paint, painter, wantsColor } from "./style.ts";
import { TextSink } from "./text-sink.ts";

/** Everything outside of the command itself: what it reads, where it writes, which variables it sees. */
export type Surroundings = Readonly<{
  environment: NodeJS.ProcessEnv;
  stdin: () => Readable;
  /** Results, and nothing else. */
  stdout: TextSink;
  /** Everything else. */
  stderr: TextSink;
  /** For what goes to `stderr`. */
  paint: Paint;
}>;

/** Those of this process. */
export function processSurroundings(): Surroundings {
  const environment = process.env;
  let paint: Paint | undefined;
  return {
    environment,
    stdin: () => process.stdin,
    stdout: new TextSink(1, () => process.stdout),
    stderr: new TextSink(2, () => process.stderr),
    paint: (style, text) => {
      paint ??= painter(wantsColor(2, environment));
      return paint(style, text);
    },
  };
}
