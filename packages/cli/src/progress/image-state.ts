import type { BuildEvent } from "@imagespec/core";

export type StepState = {
  name: string;
  startedAt: number;
  endedAt: number | undefined;
  cached: boolean;
  error: string | undefined;
  /** The last lines. */
  log: string[];
  /** What it moves, by item. */
  transfers: Map<string, Transfer>;
};

export type Transfer = Readonly<{ current: number; total: number | undefined }>;

export type ImageStatus = "waiting" | "building" | "pushing" | "built" | "present" | "failed" | "skipped";

export type ImageState = {
  readonly reference: string;
  name: string;
  status: ImageStatus;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** Bytes of context sent. */
  context: number | undefined;
  steps: Map<string, StepState>;
  pushes: Map<string, Transfer>;
  errorCode: string | undefined;
};

const keptLogLines = 5;
/** Characters of a line that are kept: no window is wider. */
const keptCharacters = 2000;

type StepEvent = Extract<BuildEvent, { step: string }>;

function newImage(reference: string, name: string): ImageState {
  return {
    reference,
    name,
    status: "waiting",
    startedAt: undefined,
    endedAt: undefined,
    context: undefined,
    steps: new Map(),
    pushes: new Map(),
    errorCode: undefined,
  };
}

function newStep(name: string, startedAt: number): StepState {
  return {
    name,
    startedAt,
    endedAt: undefined,
    cached: false,
    error: undefined,
    log: [],
    transfers: new Map(),
  };
}

/** What is known of the images so far, from the events of their builds. */
export class BuildState {
  readonly #images = new Map<string, ImageState>();

  /** In the order in which they were first heard of. */
  get images(): readonly ImageState[] {
    return [...this.#images.values()];
  }

  #image(reference: string): ImageState {
    const image = this.#images.get(reference) ?? newImage(reference, reference);
    this.#images.set(reference, image);
    return image;
  }

  apply(event: BuildEvent): void {
    const image = this.#image(event.image);
    if ("step" in event) applyToStep(image, event);
    else applyToImage(image, event);
  }
}

function applyToImage(image: ImageState, event: Exclude<BuildEvent, StepEvent>): void {
  switch (event.type) {
    case "image-planned":
      image.name = event.name;
      break;
    case "build-start":
      image.status = "building";
      image.startedAt = event.time;
      break;
    case "context":
      image.context = event.bytes;
      break;
    case "push-progress":
      image.status = "pushing";
      image.pushes.set(event.item, { current: event.current ?? 0, total: event.total });
      break;
    case "image-end":
      image.status = event.status;
      image.endedAt = event.time;
      image.errorCode = event.error?.code;
      break;
    case "existence":
    case "push-end":
    case "warning":
      break;
  }
}

function applyToStep(image: ImageState, event: StepEvent): void {
  if (event.type === "step-start") {
    // A step may pause and go on.
    const known = image.steps.get(event.step);
    if (known) known.endedAt = undefined;
    else image.steps.set(event.step, newStep(event.name, event.time));
    return;
  }
  const step = image.steps.get(event.step);
  if (!step) return;
  if (event.type === "step-log") {
    step.log = [...step.log, event.line.slice(-keptCharacters)].slice(-keptLogLines);
  }
  if (event.type === "step-progress") {
    step.transfers.set(event.item, { current: event.current, total: event.total });
  }
  if (event.type === "step-end")
    Object.assign(step, { endedAt: event.time, cached: event.cached, error: event.error });
}
