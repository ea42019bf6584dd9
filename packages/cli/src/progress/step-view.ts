import { formatBytes, formatDuration } from "../output/quantities.ts";
import type { ImageState, StepState, Transfer } from "./image-state.ts";
import type { Line, Segment } from "./line.ts";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
/** Lines of its log that a running step shows. */
const mostLogLines = 5;

export function spinnerAt(now: number): Segment {
  return { text: spinner[Math.floor(now / 100) % spinner.length]!, style: "cyan" };
}

export function isRunning({ status }: ImageState): boolean {
  return status === "building" || status === "pushing";
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

function stepLine({ name, startedAt, endedAt, cached, error, transfers }: StepState, now: number): Line {
  const done: Segment = error === undefined ? { text: "✔", style: "green" } : { text: "✘", style: "red" };
  const moved = endedAt === undefined && transfers.size > 0 ? `  ${sum(transfers.values())}` : "";
  return {
    left: [
      { text: "   " },
      endedAt === undefined ? spinnerAt(now) : done,
      { text: ` ${name}` },
      { text: moved, style: "dim" },
    ],
    right: cached ? "cached" : formatDuration(Math.max((endedAt ?? now) - startedAt, 0)),
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

/** What an image moves that belongs to no step. */
function transferTexts({ context, pushes, status, steps }: ImageState): readonly string[] {
  const sending = context !== undefined && steps.size === 0 && status === "building";
  return [
    ...(sending ? [`sending the context  ${formatBytes(context)}`] : []),
    ...(status === "pushing" ? [`pushing  ${sum(pushes.values())}`] : []),
  ];
}

function foldLine(steps: readonly StepState[]): readonly Line[] {
  if (steps.length === 0) return [];
  const cached = steps.filter((step) => step.cached).length;
  const text = ` ${steps.length} ${steps.length === 1 ? "step" : "steps"} done${cached > 0 ? `, ${cached} cached` : ""}`;
  return [{ left: [{ text: "   " }, { text: "✔", style: "green" }, { text, style: "dim" }] }];
}

/** The latest of `done`, and one line for all before, in `room` lines. */
function doneLines(done: readonly StepState[], now: number, room: number): readonly Line[] {
  if (room <= 0) return [];
  const shown = done.length <= room ? done : done.slice(done.length - (room - 1));
  return [
    ...foldLine(done.slice(0, done.length - shown.length)),
    ...shown.map((step) => stepLine(step, now)),
  ];
}

type Parts = Readonly<{ running: readonly StepState[]; done: readonly StepState[] }>;

function partsOf({ steps }: ImageState): Parts {
  const all = [...steps.values()];
  return {
    running: all.filter(({ endedAt }) => endedAt === undefined),
    done: all.filter(({ endedAt }) => endedAt !== undefined),
  };
}

/** The step that an image with one line alone is at: the one that began last. */
export function currentStep(image: ImageState): StepState | undefined {
  return partsOf(image).running.at(-1);
}

/** Lines below its headline that a running image fills when it is let. */
export function wantedLines(image: ImageState): number {
  const { running, done } = partsOf(image);
  const logs = running.map(({ log }) => Math.min(log.length, mostLogLines));
  return running.length + done.length + transferTexts(image).length + logs.reduce((a, b) => a + b, 0);
}

/** The steps of a running image in `room` lines: those that run with the ends of their logs, then the latest done. */
export function stepLines(image: ImageState, now: number, room: number): readonly Line[] {
  const { done, ...all } = partsOf(image);
  const running = all.running.slice(-room);
  const transfers = transferTexts(image)
    .slice(0, room - running.length)
    .map((text): Line => ({ left: [{ text: "   " }, spinnerAt(now), { text: ` ${text}` }] }));
  const needed = running.length + transfers.length;
  const forLogs = Math.max(room - needed - Math.min(done.length, 1), 0);
  const each = Math.min(mostLogLines, Math.floor(forLogs / Math.max(running.length, 1)));
  const steps = running.flatMap((step) => [stepLine(step, now), ...logLines(step, each)]);
  const above = doneLines(done, now, room - steps.length - transfers.length);
  return [...above, ...steps, ...transfers];
}
