type Flight<T> = {
  /** Undefined where whoever began it never gives up. */
  readonly controller: AbortController | undefined;
  readonly result: Promise<T>;
  waiting: number;
};

type Work<T> = (signal: AbortSignal | undefined) => Promise<T>;

/**
 * Lets callers that ask the same thing at the same time share one answer. The work is aborted once all of them have
 * given up, not when one has; who has no signal never does.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  run(key: string, signal: AbortSignal | undefined, work: Work<T>): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const flight = this.#flights.get(key) ?? this.#start(key, signal, work);
    flight.waiting += 1;
    return signal === undefined ? flight.result : this.#orAbort(key, flight, signal);
  }

  #start(key: string, signal: AbortSignal | undefined, work: Work<T>): Flight<T> {
    const controller = signal === undefined ? undefined : new AbortController();
    const result = work(controller?.signal).finally(() => this.#end(key, flight));
    const flight: Flight<T> = { controller, result, waiting: 0 };
    this.#flights.set(key, flight);
    return flight;
  }

  #end(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }

  #orAbort(key: string, flight: Flight<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        flight.waiting -= 1;
        if (flight.waiting === 0) {
          this.#end(key, flight);
          flight.controller?.abort(signal.reason);
        }
        reject(signal.reason);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      const settled = (): void => signal.removeEventListener("abort", giveUp);
      flight.result.then(resolve, reject).finally(settled);
    });
  }
}
