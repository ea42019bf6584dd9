import { EventEmitter, once } from "node:events";
import type { RecordedRequest } from "../recorded-request.ts";
import type { Fault, FaultRule } from "./fault.ts";

/** A rule with its count. */
export class ActiveFault {
  readonly fault: Fault;
  readonly hits: RecordedRequest[] = [];
  readonly #rule: FaultRule;
  readonly #events: EventEmitter = new EventEmitter();
  #matches = 0;
  #isReleased = false;

  constructor(rule: FaultRule) {
    this.fault = rule.fault;
    this.#rule = rule;
    this.#events.setMaxListeners(0);
  }

  /** Counts the request where it matches, and tells whether it is one of those that the rule is for. */
  counts(request: RecordedRequest): boolean {
    if (!matches(this.#rule, request)) return false;
    this.#matches += 1;
    const { nth = [1, Number.POSITIVE_INFINITY] } = this.#rule;
    const [first, last] = typeof nth === "number" ? [nth, nth] : nth;
    return first <= this.#matches && this.#matches <= last;
  }

  hit(request: RecordedRequest): void {
    this.hits.push(request);
    this.#events.emit("hit");
  }

  async reached(count: number): Promise<void> {
    while (this.hits.length < count) await once(this.#events, "hit");
  }

  release(): void {
    this.#isReleased = true;
    this.#events.emit("release");
  }

  async released(): Promise<void> {
    if (!this.#isReleased) await once(this.#events, "release");
  }
}

function matches({ method, path, when }: FaultRule, request: RecordedRequest): boolean {
  const [pathname = ""] = request.path.split("?", 1);
  const methods = method === undefined ? [request.method] : [method].flat();
  return methods.includes(request.method) && matchesPath(path, pathname) && (when?.(request) ?? true);
}

function matchesPath(path: string | RegExp | undefined, pathname: string): boolean {
  if (path === undefined) return true;
  return typeof path === "string" ? path === pathname : pathname.search(path) !== -1;
}
