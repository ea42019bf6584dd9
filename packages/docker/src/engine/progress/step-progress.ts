import { LogLines } from "../build/log-lines.ts";
import type { BuildTrace, Vertex, VertexLog } from "../build/trace.ts";
import { noTrace, type OutputStream, type ProgressReader } from "./progress-reader.ts";

/** `[1/2] STEP 3/4: RUN …` of buildah and podman, `Step 3/4 : RUN …` of Docker's classic builder. */
const stepLine = /^(?:\[(\d+\/\d+)\] STEP|STEP|Step) (\d+\/\d+) ?: (.*)$/s;
const cachedLine = /^ ?-+> Using cache/;
const errorLine = /^error(?:: | )/i;

/**
 * Reads builders that name each step before they run it, and print what it prints as it is. Steps come one after
 * the other.
 */
export class StepProgress implements ProgressReader {
  readonly #lines: Readonly<Record<OutputStream, LogLines>> = { 1: new LogLines(), 2: new LogLines() };
  #step: Vertex | undefined;
  #count = 0;
  /** The last line on standard error, while it may be the tool's own word on why it fails. */
  #lastWord: string | undefined;

  read(part: Uint8Array, stream: OutputStream): BuildTrace {
    return this.#readLines(this.#lines[stream].push(part), stream);
  }

  end(error: string | undefined): BuildTrace {
    const rest = [1, 2] as const;
    const traces = rest.map((stream) => this.#readLines(this.#lines[stream].flush(), stream));
    const last = this.#lastWord === undefined || error !== undefined ? [] : this.#log(this.#lastWord, 2);
    const vertices = [...traces.flatMap((trace) => trace.vertices), ...this.#complete(error ?? "")];
    return { ...noTrace, vertices, logs: [...traces.flatMap(({ logs }) => logs), ...last] };
  }

  error(): string | undefined {
    return this.#lastWord?.replace(errorLine, "");
  }

  #readLines(lines: readonly string[], stream: OutputStream): BuildTrace {
    const traces = lines.map((line) => (stream === 1 ? this.#output(line) : this.#errorOutput(line)));
    return {
      ...noTrace,
      vertices: traces.flatMap(({ vertices }) => vertices),
      logs: traces.flatMap(({ logs }) => logs),
    };
  }

  #output(line: string): BuildTrace {
    const [, stage, place, instruction] = stepLine.exec(line) ?? [];
    if (place !== undefined) return this.#next(`[${stage ? `${stage} ` : ""}${place}] ${instruction}`);
    if (cachedLine.test(line) && this.#step !== undefined) this.#step = { ...this.#step, cached: true };
    return { ...noTrace, logs: this.#log(line, 1) };
  }

  #errorOutput(line: string): BuildTrace {
    const before = this.#lastWord === undefined ? [] : this.#log(this.#lastWord, 2);
    this.#lastWord = errorLine.test(line) ? line : undefined;
    return { ...noTrace, logs: this.#lastWord === undefined ? [...before, ...this.#log(line, 2)] : before };
  }

  #next(name: string): BuildTrace {
    const before = this.#complete("");
    this.#count += 1;
    this.#step = { digest: String(this.#count), name, cached: false, started: Date.now(), error: "" };
    return { ...noTrace, vertices: [...before, this.#step] };
  }

  #complete(error: string): readonly Vertex[] {
    return this.#step === undefined ? [] : [{ ...this.#step, completed: Date.now(), error }];
  }

  #log(line: string, stream: OutputStream): readonly VertexLog[] {
    if (this.#step === undefined) return [];
    return [{ vertex: this.#step.digest, stream, message: Buffer.from(`${line}\n`) }];
  }
}
