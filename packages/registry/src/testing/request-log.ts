import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { RecordedRequest } from "./recorded-request.ts";

type Writable = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

const secretHeaders: readonly string[] = ["authorization", "proxy-authorization", "cookie"];

/** Remembers requests in the order in which they came. */
export class RequestLog {
  readonly #requests: Writable[] = [];
  readonly #connections: WeakMap<Socket, number> = new WeakMap();
  readonly #keepAuthorization: boolean;
  #connectionCount = 0;

  constructor(keepAuthorization: boolean) {
    this.#keepAuthorization = keepAuthorization;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  clear(): void {
    this.#requests.length = 0;
  }

  /** Returns the entry, and what to call with the status that was answered. */
  add(message: IncomingMessage): readonly [RecordedRequest, (status: number) => void] {
    const entry: Writable = {
      method: message.method ?? "",
      path: message.url ?? "",
      headers: this.#keepAuthorization ? message.headers : redact(message.headers),
      connection: this.#numberOf(message.socket),
      status: undefined,
    };
    this.#requests.push(entry);
    return [
      entry,
      (status) => {
        entry.status = status;
      },
    ];
  }

  #numberOf(socket: Socket): number {
    const known = this.#connections.get(socket);
    if (known !== undefined) return known;
    this.#connectionCount += 1;
    this.#connections.set(socket, this.#connectionCount);
    return this.#connectionCount;
  }
}

function redact(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    secretHeaders.includes(name) ? redactValue(String(value)) : value,
  ]);
  return Object.fromEntries(entries);
}

/** The scheme stays; a value without one goes as a whole. */
function redactValue(value: string): string {
  const [scheme = "", ...rest] = value.split(" ");
  return rest.length > 0 ? `${scheme} <redacted>` : "<redacted>";
}
