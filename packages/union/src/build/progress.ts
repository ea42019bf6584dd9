import type { ActionDetails } from "@flyteorg/flyteidl2/flyteidl2/workflow/run_definition_pb.ts";
import type { BuildRequest } from "@imagespec/core/builder";
import { withoutQueries } from "../client/faults.ts";
import { isSuccess, isTerminal, phaseName } from "./phases.ts";

/** The step that the log belongs to. */
const BUILD_STEP = "union-build";
const KEPT_LINES = 20;

/** Turns what is learnt of a build into events, and keeps the end of its log. */
export class Progress {
  readonly #request: Pick<BuildRequest<unknown>, "reference" | "services">;
  readonly #tail: string[] = [];
  #phase = 0;
  #isOpen = false;

  constructor(request: Pick<BuildRequest<unknown>, "reference" | "services">) {
    this.#request = request;
  }

  get tail(): readonly string[] {
    return this.#tail;
  }

  warn(code: string, message: string, hint: string): void {
    const { reference: image, services } = this.#request;
    services.emit({ type: "warning", image, code, message, hint });
  }

  context(bytes: number, done: boolean): void {
    const { reference: image, services } = this.#request;
    services.emit({ type: "context", image, bytes, done });
  }

  submitted(url: string, joined: boolean): void {
    const { reference: image, services } = this.#request;
    this.#isOpen = true;
    const name = `build at ${url}`;
    services.emit({ type: "step-start", image, step: BUILD_STEP, name, time: Date.now() });
    this.line(joined ? "👍 Build joined: it was running already" : "👍 Build submitted!");
    this.line(`⏳ Waiting for build to finish at: ${url}`);
  }

  details({ status }: ActionDetails): void {
    const phase = status?.phase ?? 0;
    if (phase === this.#phase) return;
    this.#endPhase();
    this.#phase = phase;
    if (phase === 0 || isTerminal(phase)) return;
    const { reference: image, services } = this.#request;
    services.emit({
      type: "step-start",
      image,
      step: this.#phaseStep,
      name: phaseName(phase),
      time: Date.now(),
    });
  }

  line(text: string): void {
    const { reference: image, services } = this.#request;
    const line = withoutQueries(text);
    this.#tail.push(line);
    if (this.#tail.length > KEPT_LINES) this.#tail.shift();
    services.emit({ type: "step-log", image, step: BUILD_STEP, stream: "stdout", line });
  }

  finished(details: ActionDetails, seconds: number): void {
    this.details(details);
    const phase = details.status?.phase ?? 0;
    if (isSuccess(phase)) this.line(`✅ Build completed in ${seconds.toFixed(1)}s!`);
    this.close(isSuccess(phase) ? undefined : phaseName(phase));
  }

  close(error?: string): void {
    this.#endPhase();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { reference: image, services } = this.#request;
    services.emit({ type: "step-end", image, step: BUILD_STEP, time: Date.now(), cached: false, error });
  }

  get #phaseStep(): string {
    return `union-phase-${this.#phase}`;
  }

  #endPhase(): void {
    if (this.#phase === 0 || isTerminal(this.#phase)) return;
    const { reference: image, services } = this.#request;
    services.emit({ type: "step-end", image, step: this.#phaseStep, time: Date.now(), cached: false });
    this.#phase = 0;
  }
}
