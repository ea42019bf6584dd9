import { StringDecoder } from "node:string_decoder";
import { type JsonObject, textOf } from "@imagespec/core";
import type { BuildTrace } from "../build/trace.ts";
import { noTrace, type ProgressReader } from "./progress-reader.ts";

/** One object is at most some hundred KiB; more than this is no progress. */
const MAX_OBJECT_LENGTH = 32 * 1024 * 1024;

/**
 * Reads BuildKit's `--progress=rawjson`, objects on one line or on many, and the text that ends a failed build behind
 * them: `ERROR: failed to solve: …`.
 */
export class RawProgress implements ProgressReader {
  readonly #decoder = new StringDecoder("utf8");
  #pending = "";
  #depth = 0;
  #isText = false;
  #scanned = 0;
  #rest = "";

  read(part: Uint8Array): BuildTrace {
    this.#pending += this.#decoder.write(Buffer.from(part));
    if (this.#pending.length > MAX_OBJECT_LENGTH) throw new Error("an object of progress that does not end");
    return merged(this.#objects().map(traceOf));
  }

  end(): BuildTrace {
    this.#rest += this.#pending;
    this.#pending = "";
    return noTrace;
  }

  error(): string | undefined {
    const lines = `${this.#rest}${this.#pending}`.split("\n");
    return lines.findLast((line) => line.startsWith("ERROR: "))?.replace(/^ERROR: /, "");
  }

  /** Objects are told apart by their braces; what stands between them is text. */
  #objects(): readonly JsonObject[] {
    const found: JsonObject[] = [];
    let start = 0;
    for (; this.#scanned < this.#pending.length; this.#scanned += 1) {
      const end = this.#scan(this.#pending[this.#scanned]!, found, start);
      if (end === undefined) continue;
      start = end;
    }
    this.#pending = this.#pending.slice(start);
    this.#scanned -= start;
    return found;
  }

  /** Where what is not read yet starts after this character, where that changes. */
  #scan(character: string, found: JsonObject[], start: number): number | undefined {
    if (this.#isText) {
      if (character === "\\") this.#scanned += 1;
      if (character === '"') this.#isText = false;
      return undefined;
    }
    if (character === '"' && this.#depth > 0) this.#isText = true;
    if (character === "{") return this.#open(start);
    if (character !== "}" || this.#depth === 0) return undefined;
    this.#depth -= 1;
    if (this.#depth > 0) return undefined;
    this.#take(this.#pending.slice(start, this.#scanned + 1), found);
    return this.#scanned + 1;
  }

  #open(start: number): number | undefined {
    this.#depth += 1;
    if (this.#depth > 1) return undefined;
    this.#rest += this.#pending.slice(start, this.#scanned);
    return this.#scanned;
  }

  /** A Dockerfile's own braces, in the text behind a failure, are no progress. */
  #take(text: string, found: JsonObject[]): void {
    try {
      found.push(JSON.parse(text) as JsonObject);
    } catch {
      this.#rest += text;
    }
  }
}

function merged(traces: readonly BuildTrace[]): BuildTrace {
  return {
    vertices: traces.flatMap(({ vertices }) => vertices),
    statuses: traces.flatMap(({ statuses }) => statuses),
    logs: traces.flatMap(({ logs }) => logs),
    warnings: traces.flatMap(({ warnings }) => warnings),
  };
}

function traceOf(status: JsonObject): BuildTrace {
  return {
    vertices: listOf(status, "vertexes").map((vertex) => ({
      digest: textOf(vertex, "digest") ?? "",
      name: textOf(vertex, "name") ?? "",
      cached: vertex.cached === true,
      started: timeOf(vertex, "started"),
      completed: timeOf(vertex, "completed"),
      error: textOf(vertex, "error") ?? "",
    })),
    statuses: listOf(status, "statuses").map((one) => ({
      id: textOf(one, "id") ?? "",
      vertex: textOf(one, "vertex") ?? "",
      current: Number(one.current ?? 0),
      total: Number(one.total ?? 0),
    })),
    logs: listOf(status, "logs").map((log) => ({
      vertex: textOf(log, "vertex") ?? "",
      stream: Number(log.stream ?? 1),
      message: Buffer.from(textOf(log, "data") ?? "", "base64"),
    })),
    warnings: listOf(status, "warnings").map((warning) =>
      Buffer.from(textOf(warning, "short") ?? "", "base64").toString(),
    ),
  };
}

function listOf(value: JsonObject, name: string): readonly JsonObject[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter((entry) => typeof entry === "object" && entry !== null) : [];
}

function timeOf(value: JsonObject, name: string): number | undefined {
  const text = textOf(value, name);
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
