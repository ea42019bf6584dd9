import { LogLines } from "../build/log-lines.ts";
import type { BuildTrace, Vertex, VertexLog } from "../build/trace.ts";
import { noTrace, type ProgressReader } from "./progress-reader.ts";

/** `[1/2] STEP 3/4: RUN …` of buildah and podman, `Step 3/4 : RUN …` of Docker's classic builder. */
const stepLine = /^(?:\[(\d+\/\d+)\] STEP|STEP|Step) (\d+\/\d+) ?: (.*)$/s;
const cachedLine = /^ ?-+> Using cache(?: [0-9a-f]*)?$/;
/** podman and buildah end every step so, but for FROM; buildah only where it is not told to write the id to a file. */
const endLine = /^--> [0-9a-f]{11,}$/;
const errorLine = /^error(?:: | )/i;

type Step = Readonly<{ stage: string; vertex: Vertex; hasEnded: boolean }>;

/**
 * Reads builders that name each step before they run it, and print what it prints as it is. One step runs at a time,
 * but podman and buildah may name one before the stage that it waits for.
 */
export class StepProgress implements ProgressReader {
  readonly #lines = new LogLines();
  #step: Step | undefined;
  readonly #waiting: Step[] = [];
  #count = 0;
  /** The last line, while it may be the tool's own word on why it fails. */
  #lastWord: string | undefined;

  read(part: Uint8Array): BuildTrace {
    return this.#readLines(this.#lines.push(part));
  }

  end(error: string | undefined): BuildTrace {
    const { vertices, logs } = this.#readLines(this.#lines.flush());
    const last = error !== undefined && error === this.error() ? [] : this.#releaseLastWord();
    return { ...noTrace, vertices: [...vertices, ...this.#complete(error ?? "")], logs: [...logs, ...last] };
  }

  error(): string | undefined {
    return this.#lastWord?.replace(errorLine, "");
  }

  #readLines(lines: readonly string[]): BuildTrace {
    const traces = lines.map((line) => this.#readLine(line));
    return {
      ...noTrace,
      vertices: traces.flatMap(({ vertices }) => vertices),
      logs: traces.flatMap(({ logs }) => logs),
    };
  }

  #readLine(line: string): BuildTrace {
    const logs = this.#releaseLastWord();
    const trace = this.#lineTrace(line);
    return { ...trace, logs: [...logs, ...trace.logs] };
  }

  #lineTrace(line: string): BuildTrace {
    const [, stage = "", place, instruction] = stepLine.exec(line) ?? [];
    if (place !== undefined) return this.#next(stage, `[${stage ? `${stage} ` : ""}${place}] ${instruction}`);
    if (errorLine.test(line)) {
      this.#lastWord = line;
      return noTrace;
    }
    const logs = this.#log(line);
    if (cachedLine.test(line) && this.#step !== undefined) {
      this.#step = { ...this.#step, vertex: { ...this.#step.vertex, cached: true } };
    }
    return { ...noTrace, logs, vertices: endLine.test(line) ? this.#resume() : [] };
  }

  #releaseLastWord(): readonly VertexLog[] {
    const line = this.#lastWord;
    this.#lastWord = undefined;
    return line === undefined ? [] : this.#log(line);
  }

  #next(stage: string, name: string): BuildTrace {
    const before = this.#leave(stage);
    this.#count += 1;
    const vertex = { digest: String(this.#count), name, cached: false, started: Date.now(), error: "" };
    this.#step = { stage, vertex, hasEnded: /\] FROM /.test(name) };
    return { ...noTrace, vertices: [...before, vertex] };
  }

  /** A step of another stage has not ended when one of this stage is named. */
  #leave(stage: string): readonly Vertex[] {
    const step = this.#step;
    if (step === undefined || step.stage === stage || step.hasEnded) return this.#complete("");
    this.#waiting.push(step);
    return [];
  }

  /** The step has ended: what comes is of the one that waited for its stage, or of none. */
  #resume(): readonly Vertex[] {
    const next = this.#waiting.pop();
    const ended = next === undefined ? [] : this.#complete("");
    this.#step = next ?? (this.#step && { ...this.#step, hasEnded: true });
    return ended;
  }

  #complete(error: string): readonly Vertex[] {
    return this.#step === undefined ? [] : [{ ...this.#step.vertex, completed: Date.now(), error }];
  }

  #log(line: string): readonly VertexLog[] {
    if (this.#step === undefined) return [];
    return [{ vertex: this.#step.vertex.digest, stream: 1, message: Buffer.from(`${line}\n`) }];
  }
}
