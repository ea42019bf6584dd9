import { setMaxListeners } from "node:events";

const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * Turns Ctrl-C, and a polite request to end, into an abort, so that what runs can clean up. The second one ends the
 * process as if nobody had listened.
 */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #onFirst: () => void;

  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
    // As many may listen as there are images.
    setMaxListeners(0, this.signal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #abort = (): void => {
    this.stop();
    this.#onFirst();
    this.#controller.abort();
  };

  listen(): void {
    this.stop();
    if (this.signal.aborted) return;
    for (const name of signals) process.on(name, this.#abort);
  }

  stop(): void {
    for (const name of signals) process.off(name, this.#abort);
  }
}
