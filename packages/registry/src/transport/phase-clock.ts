/** Milliseconds on a clock that never goes back. Node's `performance` would have to be loaded first. */
const now = (): number => process.uptime() * 1000;

/**
 * Tells when a phase, or the whole of `total` milliseconds, takes too long. Phases follow each other quickly, so one
 * timer serves them all: where it rings before the end of the phase that runs then, it is set for the rest.
 */
export class PhaseClock {
  readonly #expire: (phase: string) => void;
  readonly #end: number;
  #phase = "";
  #deadline: number;
  #rings = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(total: number, expire: (phase: string) => void) {
    this.#expire = expire;
    this.#end = now() + total;
    this.#deadline = this.#end;
  }

  get phase(): string {
    return this.#phase;
  }

  /** `limit`: milliseconds; where there is none, only the whole is limited. */
  enter(phase: string, limit: number = Number.POSITIVE_INFINITY): void {
    this.#phase = phase;
    const at = now();
    this.#deadline = Math.min(at + limit, this.#end);
    if (this.#deadline < this.#rings) this.#set(at);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #set(at: number): void {
    clearTimeout(this.#timer);
    this.#rings = this.#deadline;
    this.#timer = setTimeout(() => this.#ring(), Math.max(this.#deadline - at, 0));
  }

  #ring(): void {
    const at = now();
    // A timer may ring a moment early.
    if (this.#deadline - at >= 1) this.#set(at);
    else this.#expire(this.#phase);
  }
}
