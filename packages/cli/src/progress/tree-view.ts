import { formatBytes, formatDuration } from "../output/quantities.ts";
import type { Style } from "../output/style.ts";
import type { ImageState, ImageStatus, StepState, Transfer } from "./image-state.ts";
import type { Line, Segment } from "./line.ts";

/** What decides how a moment looks. */
export type Moment = Readonly<{ now: number; rows: number }>;

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
const mostLogLines = 5;

const marks: Readonly<Record<Exclude<ImageStatus, "building" | "pushing">, Segment>> = {
  waiting: { text: "·", style: "dim" },
  built: { text: "✔", style: "green" },
  present: { text: "✔", style: "green" },
  failed: { text: "✘", style: "red" },
  skipped: { text: "-", style: "yellow" },
};

function spinnerAt(now: number): Segment {
  return { text: spinner[Math.floor(now / 100) % spinner.length]!, style: "cyan" };
}

function isRunning({ status }: ImageState): boolean {
  return status === "building" || status === "pushing";
}

function markOf({ status }: ImageState, now: number): Segment {
  return status === "building" || status === "pushing" ? spinnerAt(now) : marks[status];
}

function elapsed(startedAt: number | undefined, endedAt: number | undefined, now: number): string {
  return startedAt === undefined ? "" : formatDuration(Math.max((endedAt ?? now) - startedAt, 0));
}

function headline(image: ImageState, nameWidth: number, now: number): Line {
  const { name, status, reference, errorCode, startedAt, endedAt } = image;
  const style: Style = status === "failed" ? "red" : "bold";
  return {
    left: [
      { text: " " },
      markOf(image, now),
      { text: ` ${name.padEnd(nameWidth)}  `, style },
      { text: `${status}${errorCode && status === "failed" ? ` (${errorCode})` : ""}  ` },
      { text: reference, style: "dim" },
    ],
    right: elapsed(startedAt, endedAt, now),
  };
}

function sum(transfers: Iterable<Transfer>): string {
  let current = 0;
  let total = 0;
  for (const transfer of transfers) {
    current += transfer.current;
    total += transfer.total ?? transfer.current;
  }
  return current < total ? `${formatBytes(current)} / ${formatBytes(total)}` : formatBytes(current);
}

function stepLine(step: StepState, now: number): Line {
  const { name, startedAt, endedAt, cached, error, transfers } = step;
  const done: Segment = error === undefined ? { text: "✔", style: "green" } : { text: "✘", style: "red" };
  const moved = endedAt === undefined && transfers.size > 0 ? `  ${sum(transfers.values())}` : "";
  return {
    left: [
      { text: "   " },
      endedAt === undefined ? spinnerAt(now) : done,
      { text: ` ${name}` },
      { text: moved, style: "dim" },
    ],
    right: cached ? "cached" : elapsed(startedAt, endedAt, now),
  };
}

function logLines({ log }: StepState, count: number): readonly Line[] {
  const lines = count > 0 ? log.slice(-count) : [];
  return lines.map((text) => ({
    left: [
      { text: "     │ ", style: "dim" },
      { text, style: "dim" },
    ],
  }));
}

function transferLines({ context, pushes, status, steps }: ImageState, now: number): readonly Line[] {
  const sending = context !== undefined && steps.size === 0 && status === "building";
  const texts = [
    ...(sending ? [`sending the context  ${formatBytes(context)}`] : []),
    ...(status === "pushing" ? [`pushing  ${sum(pushes.values())}`] : []),
  ];
  return texts.map((text) => ({ left: [{ text: "   " }, spinnerAt(now), { text: ` ${text}` }] }));
}

function foldLine(steps: readonly StepState[]): readonly Line[] {
  if (steps.length === 0) return [];
  const cached = steps.filter((step) => step.cached).length;
  const text = ` ${steps.length} ${steps.length === 1 ? "step" : "steps"} done${cached > 0 ? `, ${cached} cached` : ""}`;
  return [{ left: [{ text: "   " }, { text: "✔", style: "green" }, { text, style: "dim" }] }];
}

/** The steps of a running image in `room` lines: those that run with the ends of their logs, then the latest done. */
function stepLines(image: ImageState, now: number, room: number): readonly Line[] {
  const steps = [...image.steps.values()];
  const running = steps.filter(({ endedAt }) => endedAt === undefined).slice(-Math.max(room, 0));
  const done = steps.filter(({ endedAt }) => endedAt !== undefined);
  const transfers = transferLines(image, now).slice(0, Math.max(room - running.length, 0));
  const forLogs = Math.max(room - running.length - transfers.length - 1, 0);
  const logs = running.map((step) =>
    logLines(step, Math.min(mostLogLines, Math.floor(forLogs / running.length))),
  );
  const left = room - running.length - transfers.length - logs.flat().length;
  const shown = done.length <= left ? done : done.slice(done.length - Math.max(left - 1, 0));
  const folded = left > 0 ? foldLine(done.slice(0, done.length - shown.length)) : [];
  return [
    ...folded,
    ...shown.slice(0, Math.max(left, 0)).map((step) => stepLine(step, now)),
    ...running.flatMap((step, index) => [stepLine(step, now), ...logs[index]!]),
    ...transfers,
  ];
}

/** Those that run come first when not all have room. */
function visible(images: readonly ImageState[], rows: number): readonly ImageState[] {
  if (images.length <= rows) return images;
  const ranked = [...images].sort((a, b) => Number(isRunning(b)) - Number(isRunning(a)));
  const chosen = new Set(ranked.slice(0, Math.max(rows - 1, 0)));
  return images.filter((image) => chosen.has(image));
}

/** The whole picture of a moment, in at most `rows` lines. */
export function treeLines(images: readonly ImageState[], { now, rows }: Moment): readonly Line[] {
  const shown = visible(images, rows);
  const hidden = images.length - shown.length;
  const more: readonly Line[] =
    hidden > 0 ? [{ left: [{ text: `   … and ${hidden} more`, style: "dim" }] }] : [];
  const running = shown.filter(isRunning);
  const room = Math.floor((rows - shown.length - more.length) / Math.max(running.length, 1));
  const nameWidth = Math.max(0, ...images.map(({ name }) => name.length));
  const lines = shown.flatMap((image) => [
    headline(image, nameWidth, now),
    ...(isRunning(image) ? stepLines(image, now, room) : []),
  ]);
  return [...lines, ...more];
}
