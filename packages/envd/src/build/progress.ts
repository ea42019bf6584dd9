import { quoteShell } from "@imagespec/core";
import type { BuildEvent } from "@imagespec/core/builder";

/** A step as far as envd has told of it. `log` holds its last lines. */
export type StepRecord = {
  readonly id: string;
  name: string;
  log: string[];
  error: string | undefined;
  isOpen: boolean;
};

const LOG_LINES = 20;
/** `#7 1.234 text`: what the step printed, and after how many seconds. */
const logged = /^\d+\.\d+ (.*)$/s;
const isProgress = /^#(\d+) (.*)$/s;
const done = /^DONE \d+(?:\.\d+)?s$/;

/** What progress looks like among the lines of commands, as envd prints them when their step begins: as they are. */
export function linesLikeProgress(commands: readonly string[]): ReadonlySet<string> {
  const printed = quoteShell(commands.join("\n")).split("\n");
  return new Set(printed.filter((line) => isProgress.test(line)));
}

/**
 * Reads the plain progress of envd, as BuildKit prints it: `#N name`, then `#N time text`, then `#N DONE time`,
 * `#N CACHED` or `#N ERROR: text`. A step may be left and come back to.
 */
export class ProgressReader {
  readonly #steps = new Map<string, StepRecord>();
  readonly #image: string;
  readonly #emit: (event: BuildEvent) => void;
  readonly #ignored: ReadonlySet<string>;
  #digest: string | undefined;

  /** @param ignored lines that are no progress: {@link linesLikeProgress} */
  constructor(image: string, emit: (event: BuildEvent) => void, ignored: ReadonlySet<string> = new Set()) {
    this.#image = image;
    this.#emit = emit;
    this.#ignored = ignored;
  }

  /** Of the manifest that was pushed. */
  get digest(): string | undefined {
    return this.#digest;
  }

  /** A cache that is not there yet fails no build. */
  get failed(): StepRecord | undefined {
    return [...this.#steps.values()].find(
      ({ name, error }) =>
        error !== undefined && !/cancel+ed/i.test(error) && !name.startsWith("importing cache "),
    );
  }

  read(line: string): void {
    const [, id, text] = isProgress.exec(line) ?? [];
    if (id === undefined || text === undefined || this.#ignored.has(line)) return;
    const step = this.#steps.get(id) ?? this.#begin(id, logged.test(text) ? `#${id}` : text);
    const said = logged.exec(text)?.[1];
    if (said !== undefined) this.#log(step, said);
    else this.#readState(step, text);
  }

  /** Ends the steps that envd said nothing more of. */
  close(error: string | undefined): void {
    for (const step of this.#steps.values()) if (step.isOpen) this.#end(step, { cached: false, error });
  }

  #begin(id: string, name: string): StepRecord {
    const step: StepRecord = { id, name, log: [], error: undefined, isOpen: true };
    this.#steps.set(id, step);
    this.#emit({ type: "step-start", image: this.#image, step: id, name, time: Date.now() });
    return step;
  }

  #log(step: StepRecord, line: string): void {
    step.log.push(line);
    if (step.log.length > LOG_LINES) step.log.shift();
    this.#emit({ type: "step-log", image: this.#image, step: step.id, stream: "stdout", line });
  }

  #readState(step: StepRecord, text: string): void {
    if (done.test(text)) this.#end(step, { cached: false });
    else if (text === "CACHED") this.#end(step, { cached: true });
    else if (text.startsWith("ERROR: ")) this.#end(step, { cached: false, error: text.slice(7) });
    else if (text === "CANCELED") this.#end(step, { cached: false, error: "canceled" });
    else if (step.name.startsWith("exporting to image")) this.#readDigest(text);
  }

  #end(step: StepRecord, { cached, error }: Readonly<{ cached: boolean; error?: string | undefined }>): void {
    if (!step.isOpen) return;
    step.isOpen = false;
    step.error = error;
    this.#emit({ type: "step-end", image: this.#image, step: step.id, time: Date.now(), cached, error });
  }

  #readDigest(text: string): void {
    const digest = /pushing manifest for \S+@(sha256:[0-9a-f]{64})\b/.exec(text)?.[1];
    this.#digest = digest ?? this.#digest;
  }
}
