import { LogLines } from "../build/log-lines.ts";
import type { BuildTrace, Vertex } from "../build/trace.ts";
import { noTrace, type ProgressReader } from "./progress-reader.ts";

/** `#5 [2/3] RUN …`, then `#5 0.241 text`, then `#5 DONE 0.3s`, `#5 CACHED`, `#5 ERROR: …` or `#5 CANCELED`. */
const progressLine = /^#(\d+) (.*)$/s;
const timedText = /^(?:\d+\.\d+ )(.*)$/s;
const ending = /^(?:DONE\b.*|CACHED|CANCELED|ERROR: (.*))$/s;
const failure = /^(?:failed to solve|error|ERROR): ?(.*)$/s;

/** Reads BuildKit's `--progress=plain`. */
export class PlainProgress implements ProgressReader {
  readonly #lines = new LogLines();
  readonly #steps = new Map<string, Vertex>();
  #error: string | undefined;

  read(part: Uint8Array): BuildTrace {
    return this.#readLines(this.#lines.push(part));
  }

  end(): BuildTrace {
    return this.#readLines(this.#lines.flush());
  }

  error(): string | undefined {
    return this.#error;
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
    const [, digest, text = ""] = progressLine.exec(line) ?? [];
    if (digest === undefined) {
      this.#error = failure.exec(line)?.[1] ?? this.#error;
      return noTrace;
    }
    const known = this.#steps.get(digest);
    if (known === undefined) return this.#start(digest, text);
    const [isEnd, error = ""] = ending.exec(text) ?? [];
    if (isEnd !== undefined) return this.#end(known, { cached: isEnd === "CACHED", error });
    const said = timedText.exec(text)?.[1];
    if (said === undefined) return noTrace;
    return { ...noTrace, logs: [{ vertex: digest, stream: 1, message: Buffer.from(`${said}\n`) }] };
  }

  #start(digest: string, name: string): BuildTrace {
    const vertex = { digest, name, cached: false, started: Date.now(), error: "" };
    this.#steps.set(digest, vertex);
    return { ...noTrace, vertices: [vertex] };
  }

  #end(vertex: Vertex, result: Pick<Vertex, "cached" | "error">): BuildTrace {
    return { ...noTrace, vertices: [{ ...vertex, ...result, completed: Date.now() }] };
  }
}
