import { setTimeout as delay } from "node:timers/promises";
import type { RegistryLimits } from "../limits.ts";
import { RegistryFault } from "../registry-fault.ts";
import type { HttpResponse } from "../transport/transport.ts";

export type Attempt<T extends HttpResponse> = Readonly<
  { response: T; fault?: undefined } | { response?: undefined; fault: unknown }
>;

export type RetryRules = Readonly<{ limits: RegistryLimits; tries: number; signal: AbortSignal | undefined }>;

/**
 * Repeats an attempt while its answer is 408, 429 or 5xx or its fault is passing: `tries` in all, after waits with full
 * jitter, or for as long as Retry-After says. A closed kept connection is replaced without a wait.
 */
export async function withRetries<T extends HttpResponse>(
  attempt: () => Promise<T>,
  rules: RetryRules,
): Promise<T> {
  let stale = 0;
  for (let count = 1; ; count += 1) {
    const outcome = await settle(attempt);
    if (isStale(outcome.fault) && stale < rules.limits.connectionsPerHost) {
      stale += 1;
      count -= 1;
      continue;
    }
    const wait = count < rules.tries ? waitFor(outcome, count, rules.limits) : undefined;
    if (wait !== undefined) await pause(wait, rules.signal);
    else if (outcome.response !== undefined) return outcome.response;
    else throw outcome.fault;
  }
}

/** Rejects with the signal's reason once aborted. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.reason ?? error;
  }
}

async function settle<T extends HttpResponse>(attempt: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { response: await attempt() };
  } catch (fault) {
    return { fault };
  }
}

function isStale(fault: unknown): boolean {
  return fault instanceof RegistryFault && "stale" in fault;
}

/** Milliseconds to wait; undefined where another try would not help or comes too late. */
function waitFor(attempt: Attempt<HttpResponse>, count: number, limits: RegistryLimits): number | undefined {
  const { response, fault } = attempt;
  if (response === undefined)
    return fault instanceof RegistryFault && fault.transient ? jitter(count, limits) : undefined;
  if (!isTransientStatus(response.status)) return undefined;
  const asked = retryAfter(response.header("retry-after")[0], Date.now());
  if (asked === undefined) return jitter(count, limits);
  return asked <= limits.retryAfter ? asked : undefined;
}

export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function jitter(count: number, limits: RegistryLimits): number {
  return Math.random() * limits.backoff * 3 ** (count - 1);
}

/** Milliseconds from a Retry-After header, in seconds or as a date; undefined where it is missing or neither. */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(time - now, 0);
}
