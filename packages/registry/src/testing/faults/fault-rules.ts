import type { RecordedRequest } from "../recorded-request.ts";
import { ActiveFault } from "./active-fault.ts";
import type { FaultHandle, FaultRule } from "./fault.ts";

/** The rules in force, oldest first; the first that matches a request wins. */
export class FaultRules {
  readonly #rules: Set<ActiveFault> = new Set();

  add(rule: FaultRule): FaultHandle {
    const active = new ActiveFault(rule);
    this.#rules.add(active);
    return {
      hits: active.hits,
      reached: (count = 1) => active.reached(count),
      release: () => active.release(),
      remove: () => {
        this.#rules.delete(active);
        active.release();
      },
    };
  }

  /** Every rule counts the request, whichever wins. */
  find(request: RecordedRequest): ActiveFault | undefined {
    const [winner] = [...this.#rules].filter((rule) => rule.counts(request));
    winner?.hit(request);
    return winner;
  }

  clear(): void {
    for (const rule of this.#rules) rule.release();
    this.#rules.clear();
  }
}
