import type { Readable } from "node:stream";
import { ImageSpecError } from "../errors/image-spec-error.ts";

/** Engines send at most a few hundred KiB at a time; an endless line is no engine's. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The objects of a stream of JSON, one a line, as engines answer builds, pulls and pushes.
 *
 * @throws ImageSpecError `ENGINE_ERROR` where a line is not a JSON object
 */
export async function* readJsonLines(stream: Readable): AsyncGenerator<JsonObject> {
  for await (const line of readLines(stream)) {
    const text = line.toString().trim();
    if (text !== "") yield parseObject(text);
  }
}

/** Failures come inside an answer of status 200. */
export function errorOf(message: JsonObject): string | undefined {
  const error = textOf(message.errorDetail, "message") ?? message.error;
  return typeof error === "string" && error !== "" ? error : undefined;
}

/** The member of that name where it is a text that is not empty. */
export function textOf(value: unknown, name: string): string | undefined {
  const text = typeof value === "object" && value !== null ? (value as JsonObject)[name] : undefined;
  return typeof text === "string" && text !== "" ? text : undefined;
}

async function* readLines(stream: Readable): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...pending, chunk.subarray(start, end)]);
      pending = [];
      size = 0;
      start = end + 1;
    }
    pending.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > MAX_LINE_BYTES) throw unreadable("a line that does not end");
  }
  yield Buffer.concat(pending);
}

function parseObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    throw unreadable(`a line that is no JSON: ${text.slice(0, 120)}`);
  }
  throw unreadable(`a line that is no JSON object: ${text.slice(0, 120)}`);
}

function unreadable(what: string): ImageSpecError {
  return new ImageSpecError("ENGINE_ERROR", `the engine answered with ${what}`, {
    hint: "docker version   shows which engine answers; a proxy between may be at fault",
  });
}
