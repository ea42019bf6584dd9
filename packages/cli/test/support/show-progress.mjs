// Shows a live tree on this terminal as a script says that comes over a socket: lines of JSON, each an event, a text of
// others, the time of the next frame, a size to wait for, the end, or a title. The title comes after what was drawn
// before, so whoever finds it there knows that the rest has arrived, too.
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { createJiti } from "jiti";

const source = createJiti(import.meta.url, { fsCache: false });
const { treeProgress } = await source.import("../../src/progress/tree-progress.ts");
const { painter } = await source.import("../../src/output/style.ts");

const terminal = process.stderr;
let now = 0;
let frame;
let divert;
const clock = {
  now: () => now,
  start(draw) {
    frame = draw;
    return () => {};
  },
};
const stderr = { divert: (to) => (divert = to) };
const progress = treeProgress(terminal, { stderr, paint: painter(true) }, clock);

async function resized([columns, rows]) {
  while (terminal.columns !== columns || terminal.rows !== rows) await once(terminal, "resize");
}

const steps = {
  event: (event) => progress.onEvent(event),
  text: (text) => divert(text),
  resized,
  frame(time) {
    now = time;
    frame();
  },
  end: () => progress.end(),
  title: (title) => terminal.write(`\u001B]2;${title}\u0007`),
};

const socket = connect(process.argv[2]);
for await (const line of createInterface({ input: socket })) {
  for (const [name, value] of Object.entries(JSON.parse(line))) await steps[name](value);
}
