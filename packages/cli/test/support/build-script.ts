import type { BuildEvent } from "@imagespec/core";

/** The events of one image, at times that a test says. */
export class ImageScript {
  readonly image: string;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    this.image = `ghcr.io/org/${name}:5k3hq7zv2m`;
  }

  planned(): BuildEvent {
    const platforms = ["linux/amd64"];
    return { type: "image-planned", image: this.image, name: this.#name, builder: "docker", platforms };
  }

  started(time: number): BuildEvent {
    return { type: "build-start", image: this.image, time, builder: "docker", forced: false };
  }

  step(step: string, time: number): BuildEvent {
    return { type: "step-start", image: this.image, step, name: step, time };
  }

  log(step: string, line: string): BuildEvent {
    return { type: "step-log", image: this.image, step, stream: "stdout", line };
  }

  moved(step: string, current: number, total: number): BuildEvent {
    return { type: "step-progress", image: this.image, step, item: "layer", current, total };
  }

  stepEnded(
    step: string,
    time: number,
    more: Readonly<{ cached?: boolean; error?: string }> = {},
  ): BuildEvent {
    return { type: "step-end", image: this.image, step, time, cached: false, ...more };
  }

  pushed(current: number, total: number): BuildEvent {
    return { type: "push-progress", image: this.image, item: "layer", status: "Pushing", current, total };
  }

  ended(time: number, status: "built" | "present" | "failed" | "skipped", code = ""): BuildEvent {
    const error = code === "" ? undefined : { code, message: "no" };
    return { type: "image-end", image: this.image, time, status, error };
  }
}
