import stringWidth from "string-width";
import { formatDuration } from "../output/quantities.ts";
import type { Style } from "../output/style.ts";
import type { ImageState, ImageStatus, StepState } from "./image-state.ts";
import { cut, type Line, type Segment } from "./line.ts";
import { currentStep, isRunning, spinnerAt, stepLines, wantedLines } from "./step-view.ts";

/** What decides how a moment looks: the time, and the room that there is. */
export type Moment = Readonly<{ now: number; rows: number; columns: number }>;

const marks: Readonly<Record<Exclude<ImageStatus, "building" | "pushing">, Segment>> = {
  waiting: { text: "·", style: "dim" },
  built: { text: "✔", style: "green" },
  present: { text: "✔", style: "green" },
  failed: { text: "✘", style: "red" },
  skipped: { text: "-", style: "yellow" },
};

function markOf({ status }: ImageState, now: number): Segment {
  return status === "building" || status === "pushing" ? spinnerAt(now) : marks[status];
}

function elapsed({ startedAt, endedAt }: ImageState, now: number): string {
  return startedAt === undefined ? "" : formatDuration(Math.max((endedAt ?? now) - startedAt, 0));
}

type Headline = Readonly<{ nameWidth: number; now: number; step: StepState | undefined }>;

/** One line for an image: what becomes of it, and which it is, or which step is made. */
function headline(image: ImageState, { nameWidth, now, step }: Headline): Line {
  const { status, reference, errorCode } = image;
  const name = cut(image.name, nameWidth);
  const style: Style = status === "failed" ? "red" : "bold";
  return {
    left: [
      { text: " " },
      markOf(image, now),
      { text: ` ${name}${" ".repeat(Math.max(nameWidth - stringWidth(name), 0))}  `, style },
      { text: `${status}${errorCode && status === "failed" ? ` (${errorCode})` : ""}  ` },
      { text: step?.name ?? reference, style: "dim" },
    ],
    right: elapsed(image, now),
  };
}

/** The later, the sooner an image is left out where not all have room. */
const importance: readonly ImageStatus[] = [
  "pushing",
  "building",
  "failed",
  "waiting",
  "skipped",
  "built",
  "present",
];

/** How many images have a line. While some run, the others leave half of the room to their steps. */
function shownCount(images: readonly ImageState[], rows: number): number {
  const running = images.filter(isRunning).length;
  const most = Math.min(running > 0 ? running + Math.floor(rows / 2) : rows, rows);
  return images.length <= most ? images.length : Math.max(most - 1, 0);
}

function visible(images: readonly ImageState[], rows: number): readonly ImageState[] {
  const rank = ({ status }: ImageState): number => importance.indexOf(status);
  const ranked = [...images].sort((a, b) => rank(a) - rank(b));
  const chosen = new Set(ranked.slice(0, shownCount(images, rows)));
  return images.filter((image) => chosen.has(image));
}

function counted(images: readonly ImageState[]): string {
  const parts = importance.map((status) => {
    const count = images.filter((image) => image.status === status).length;
    return count === 0 ? "" : `${count} ${status}`;
  });
  return parts.filter((part) => part !== "").join(", ");
}

function moreLine(hidden: readonly ImageState[]): readonly Line[] {
  if (hidden.length === 0) return [];
  return [{ left: [{ text: `   … and ${hidden.length} more: ${counted(hidden)}`, style: "dim" }] }];
}

/** Deals `rows` out, one to each in turn, until nobody wants more. */
function share(wanted: readonly number[], rows: number): readonly number[] {
  const dealt = wanted.map(() => 0);
  const turns = Array.from({ length: Math.max(0, ...wanted) }, (_, turn) =>
    wanted.flatMap((most, index) => (most > turn ? [index] : [])),
  );
  for (const index of turns.flat().slice(0, rows)) dealt[index]! += 1;
  return dealt;
}

/** The whole picture of a moment, in at most `rows` lines. */
export function treeLines(images: readonly ImageState[], { now, rows, columns }: Moment): readonly Line[] {
  const shown = visible(images, rows);
  const more = moreLine(images.filter((image) => !shown.includes(image)));
  const wanted = shown.map((image) => (isRunning(image) ? wantedLines(image) : 0));
  // In the end, when there is all the room, one line for each image stays.
  const free = Number.isFinite(rows) ? Math.max(rows - shown.length - more.length, 0) : 0;
  const rooms = share(wanted, free);
  const widest = Math.max(0, ...shown.map(({ name }) => stringWidth(name)));
  const nameWidth = Math.min(widest, Math.max(Math.floor(columns / 3), 8));
  const lines = shown.flatMap((image, index) => {
    const room = rooms[index]!;
    const step = isRunning(image) && room === 0 ? currentStep(image) : undefined;
    return [headline(image, { nameWidth, now, step }), ...(room > 0 ? stepLines(image, now, room) : [])];
  });
  return [...lines, ...more].slice(0, rows);
}
