/** Lets a number of tasks run at once for each key; the others wait in line. */
export class Gate {
  readonly #width: number;
  readonly #running = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(width: number) {
    this.#width = width;
  }

  async through<T>(key: string, task: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key) ?? 0;
    if (running < this.#width) this.#running.set(key, running + 1);
    else await this.#turn(key);
    try {
      return await task();
    } finally {
      this.#leave(key);
    }
  }

  #turn(key: string): Promise<void> {
    return new Promise((resolve) => {
      const line = this.#waiting.get(key) ?? [];
      line.push(resolve);
      this.#waiting.set(key, line);
    });
  }

  /** Gives the place to the next in line, or back. */
  #leave(key: string): void {
    const next = this.#waiting.get(key)?.shift();
    if (next !== undefined) {
      next();
      return;
    }
    this.#waiting.delete(key);
    const running = (this.#running.get(key) ?? 1) - 1;
    if (running === 0) this.#running.delete(key);
    else this.#running.set(key, running);
  }
}
