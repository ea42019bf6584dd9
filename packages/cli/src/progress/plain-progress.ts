import type { BuildEvent } from "@imagespec/core";
import { formatBytes, formatDuration } from "../output/quantities.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import type { Surroundings } from "../output/surroundings.ts";
import { formatWarning } from "../output/write-issue.ts";
import { lastDrawn } from "./last-drawn.ts";
import type { Progress } from "./progress.ts";

type Event<T extends BuildEvent["type"]> = Extract<BuildEvent, { type: T }>;
type Step = Readonly<{ number: number; startedAt: number }>;

/**
 * Events as lines. Those of a step begin with its number and its image, so that what runs at one time can be told apart,
 * and searched for.
 */
class PlainLines {
  readonly #names = new Map<string, string>();
  readonly #steps = new Map<string, Step>();
  readonly #started = new Map<string, number>();

  #nameOf(image: string): string {
    return this.#names.get(image) ?? image;
  }

  lines(event: BuildEvent): readonly string[] {
    switch (event.type) {
      case "image-planned":
        this.#names.set(event.image, event.name);
        return [];
      case "existence":
        return this.#existence(event);
      case "build-start":
        this.#started.set(event.image, event.time);
        return [`${this.#nameOf(event.image)}: building ${event.image} with ${event.builder}`];
      case "context":
        return event.done
          ? [`${this.#nameOf(event.image)}: sent ${formatBytes(event.bytes)} of context`]
          : [];
      case "push-end":
        return [`${this.#nameOf(event.image)}: pushed`];
      case "warning":
        return [formatWarning(event, this.#nameOf(event.image)).join(" ")];
      case "image-end":
        return this.#imageEnd(event);
      case "step-start":
      case "step-log":
      case "step-end":
        return this.#step(event);
      case "step-progress":
      case "push-progress":
        return [];
    }
  }

  #existence({ image, verdict, detail }: Event<"existence">): readonly string[] {
    if (verdict === "present") return [];
    return [`${this.#nameOf(image)}: ${verdict === "absent" ? "is not there" : `unknown: ${detail ?? ""}`}`];
  }

  #imageEnd({ image, time, status, digest }: Event<"image-end">): readonly string[] {
    const startedAt = this.#started.get(image);
    const duration = startedAt === undefined ? "" : ` in ${formatDuration(time - startedAt)}`;
    return [`${this.#nameOf(image)}: ${status} ${digest ? `${image}@${digest}` : image}${duration}`];
  }

  #step(event: Event<"step-start"> | Event<"step-log"> | Event<"step-end">): readonly string[] {
    const key = `${event.image} ${event.step}`;
    if (event.type === "step-start") {
      const number = this.#steps.get(key)?.number ?? this.#steps.size + 1;
      this.#steps.set(key, { number, startedAt: event.time });
      return [`#${number} ${this.#nameOf(event.image)} ${event.name}`];
    }
    const step = this.#steps.get(key);
    if (!step) return [];
    const head = `#${step.number} ${this.#nameOf(event.image)}`;
    return [
      event.type === "step-log" ? `${head} | ${lastDrawn(event.line)}` : `${head} ${stepResult(event, step)}`,
    ];
  }
}

function stepResult({ error, cached, time }: Event<"step-end">, { startedAt }: Step): string {
  if (error !== undefined) return `FAILED ${error}`;
  return cached ? "CACHED" : `DONE ${formatDuration(time - startedAt)}`;
}

/** Plain lines without cursor codes, for files, pipes and CI. */
export function plainProgress({ stderr }: Pick<Surroundings, "stderr">): Progress {
  const lines = new PlainLines();
  return {
    onEvent: (event) =>
      stderr.write(
        lines
          .lines(event)
          .map((line) => `${sanitizeLine(line)}\n`)
          .join(""),
      ),
    end: () => {},
  };
}
