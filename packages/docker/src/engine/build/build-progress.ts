import type { BuildEvent } from "@imagespec/core";
import { stepTitle } from "./describe-step.ts";
import { LogLines } from "./log-lines.ts";
import type { BuildTrace, Vertex, VertexLog, VertexStatus } from "./trace.ts";

/** What is kept of a step for the case that it fails. */
export type StepRecord = Readonly<{ name: string; error: string; log: readonly string[] }>;

type Step = {
  name: string;
  started: number | undefined;
  isRunning: boolean;
  error: string;
  readonly log: string[];
  readonly streams: Map<"stdout" | "stderr", LogLines>;
};

type OutputLine = Readonly<{ stream: "stdout" | "stderr"; line: string }>;

const KEPT_LINES = 20;

/**
 * Turns what BuildKit reports into events. Parts of logs come interleaved and cut anywhere, so each stream of each
 * step is put together on its own.
 */
export class BuildProgress {
  readonly #image: string;
  readonly #emit: (event: BuildEvent) => void;
  readonly #steps = new Map<string, Step>();

  constructor(image: string, emit: (event: BuildEvent) => void) {
    this.#image = image;
    this.#emit = emit;
  }

  /** Starts, then what happened meanwhile, then ends: a trace may hold all of them for one step. */
  accept(trace: BuildTrace): void {
    for (const vertex of trace.vertices) this.#start(vertex);
    for (const status of trace.statuses) this.#report(status);
    for (const log of trace.logs) this.#log(log);
    for (const vertex of trace.vertices) this.#end(vertex);
    for (const message of trace.warnings) {
      this.#emit({ type: "warning", image: this.#image, code: "BUILDKIT_WARNING", message });
    }
  }

  /** Gives what is left of the logs, when no more will come. */
  finish(): void {
    for (const [digest, step] of this.#steps) this.#flush(digest, step);
  }

  /** Every step, in the order in which BuildKit named them. */
  steps(): readonly StepRecord[] {
    return [...this.#steps.values()];
  }

  #step(digest: string): Step {
    const known = this.#steps.get(digest);
    if (known !== undefined) return known;
    const step: Step = {
      name: "",
      started: undefined,
      isRunning: false,
      error: "",
      log: [],
      streams: new Map(),
    };
    this.#steps.set(digest, step);
    return step;
  }

  #start({ digest, name, started }: Vertex): void {
    const step = this.#step(digest);
    step.name = name;
    if (started === undefined || started === step.started) return;
    step.started = started;
    step.isRunning = true;
    this.#emit({
      type: "step-start",
      image: this.#image,
      step: digest,
      name: stepTitle(name),
      time: started,
    });
  }

  #end({ digest, completed, cached, error }: Vertex): void {
    const step = this.#step(digest);
    if (completed === undefined || !step.isRunning) return;
    step.isRunning = false;
    step.error = error;
    this.#flush(digest, step);
    const ending = { type: "step-end", image: this.#image, step: digest, time: completed, cached } as const;
    this.#emit(error === "" ? ending : { ...ending, error });
  }

  #report({ vertex, id, current, total }: VertexStatus): void {
    const progress = { type: "step-progress", image: this.#image, step: vertex, item: id, current } as const;
    this.#emit(total > 0 ? { ...progress, total } : progress);
  }

  #log({ vertex, stream, message }: VertexLog): void {
    const step = this.#step(vertex);
    const name = stream === 2 ? "stderr" : "stdout";
    const lines = step.streams.get(name) ?? new LogLines();
    step.streams.set(name, lines);
    for (const line of lines.push(message)) this.#line(vertex, step, { stream: name, line });
  }

  #flush(digest: string, step: Step): void {
    for (const [name, lines] of step.streams) {
      for (const line of lines.flush()) this.#line(digest, step, { stream: name, line });
    }
  }

  #line(digest: string, step: Step, { stream, line }: OutputLine): void {
    step.log.push(line);
    if (step.log.length > KEPT_LINES) step.log.shift();
    this.#emit({ type: "step-log", image: this.#image, step: digest, stream, line });
  }
}
