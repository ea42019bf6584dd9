import type { ProtocolError } from "./protocol-error.ts";

/** Header values by name; several values are sent as several headers. */
export type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

/** What is sent back, as data, so that faults can change it before it goes out. HEAD gets it without the body. */
export type Answer = Readonly<{ status: number; headers: HeaderValues; body?: Uint8Array | undefined }>;

export function emptyAnswer(status: number, headers: HeaderValues = {}): Answer {
  return { status, headers };
}

export function textAnswer(status: number, mediaType: string, text: string): Answer {
  return { status, headers: { "Content-Type": mediaType }, body: Buffer.from(text) };
}

export function jsonAnswer(status: number, value: unknown, headers: HeaderValues = {}): Answer {
  return {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8", ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

export function errorAnswer(error: ProtocolError): Answer {
  const { code, message, detail } = error;
  return jsonAnswer(error.status, { errors: [{ code, message, detail }] }, error.headers);
}

/** The headers without those of that name, in any case. */
export function withoutHeader(headers: HeaderValues, name: string): HeaderValues {
  const unwanted = name.toLowerCase();
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key.toLowerCase() !== unwanted));
}
