import { setTimeout as delay } from "node:timers/promises";

export type WaitOptions = Readonly<{
  /** What is awaited, for the error. */
  what: string;
  /** Milliseconds; default 60,000. */
  timeout?: number;
}>;

/**
 * The first value that `attempt` gives which is not undefined, asked every 20 ms.
 * @throws Error when none came in time.
 */
export async function waitUntil<T>(
  attempt: () => Promise<T | undefined> | T | undefined,
  { what, timeout = 60_000 }: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const value = await attempt();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what}: not ready after ${timeout} ms`);
    await delay(20);
  }
}
