import { setTimeout as sleep } from "node:timers/promises";

export type RetryOptions = Readonly<{
  tries: number;
  /** Milliseconds before the second try; it doubles up to `longest`. */
  first: number;
  longest: number;
  signal: AbortSignal;
  /** Whether it may help to try again, and after how many milliseconds at least. */
  again: (error: unknown) => boolean | number;
}>;

/** Tries until it works, until `again` says no or the tries are used up; then what was thrown last. */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await attempt();
    } catch (error) {
      const answer = turn < options.tries && !options.signal.aborted && options.again(error);
      if (answer === false) throw error;
      const least = answer === true ? 0 : answer;
      const pause = Math.min(options.first * 2 ** (turn - 1), options.longest);
      await sleep(Math.max(pause, least), undefined, { signal: options.signal });
    }
  }
}
