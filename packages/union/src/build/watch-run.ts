import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import type { ActionDetails } from "@flyteorg/flyteidl2/flyteidl2/workflow/run_definition_pb.ts";
import { ImageSpecError } from "@imagespec/core";
import { asUnionError, codeOf } from "../client/faults.ts";
import type { RunName, UnionClient } from "../client/union-client.ts";
import { isTerminal } from "./phases.ts";

export type WatchOptions = Readonly<{
  client: UnionClient;
  run: RunName;
  url: string;
  signal: AbortSignal;
  onDetails: (details: ActionDetails) => void;
}>;

const FAILURES = 5;

const passing: ReadonlySet<Code | undefined> = new Set([
  Code.Canceled,
  Code.Unavailable,
  Code.DeadlineExceeded,
  Code.Aborted,
  Code.Internal,
  Code.Unknown,
  Code.ResourceExhausted,
]);

const isOver = (details: ActionDetails | undefined): boolean => isTerminal(details?.status?.phase ?? 0);

/** Ends a stream on which nothing comes. */
class Deadline {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  within(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(), milliseconds);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** Reads one stream to its end, however it ends. `messages` counts what came. */
async function readStream(
  options: WatchOptions,
): Promise<Readonly<{ last?: ActionDetails; messages: number }>> {
  const { client, run, signal, onDetails } = options;
  const deadline = new Deadline();
  let messages = 0;
  let last: ActionDetails | undefined;
  deadline.within(client.limits.firstMessage);
  try {
    const limit = AbortSignal.any([signal, deadline.signal]);
    const runs = await client.runs();
    const stream = runs.watchActionDetails({ actionId: { run, name: "a0" } }, { signal: limit });
    for await (const { details } of stream) {
      messages += 1;
      deadline.within(client.limits.silence);
      if (!details) continue;
      last = details;
      onDetails(details);
      if (isOver(details)) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    const code = codeOf(error);
    // A stream that was let in, and whose token has ended since, is let in again with another.
    const isStale = code === Code.Unauthenticated && messages > 0;
    if (!passing.has(code) && !isStale) throw error;
  } finally {
    deadline.clear();
  }
  return { messages, ...(last && { last }) };
}

/** What the run is now, asked once. */
export async function readDetails({ client, run, signal }: WatchOptions): Promise<ActionDetails | undefined> {
  const options = { signal, timeoutMs: client.limits.call };
  const runs = await client.runs();
  const { details } = await runs.getActionDetails({ actionId: { run, name: "a0" } }, options);
  return details;
}

async function watchStreams(options: WatchOptions): Promise<ActionDetails | undefined> {
  let failures = 0;
  while (failures < FAILURES) {
    const { last, messages } = await readStream(options);
    if (isOver(last)) return last;
    failures = messages > 0 ? 0 : failures + 1;
    const pause = Math.min(options.client.limits.reopen * 2 ** Math.max(failures - 1, 0), 10_000);
    await sleep(pause, undefined, { signal: options.signal });
  }
  return undefined;
}

function lost({ url }: WatchOptions, cause: unknown): ImageSpecError {
  const { message } = asUnionError(cause, "asking for the build");
  return new ImageSpecError("UNION_WATCH_LOST", `the build goes on, but nobody answers for it; ${message}`, {
    hint: `it is at ${url} ; run the command again to join it`,
  });
}

async function poll(options: WatchOptions): Promise<ActionDetails> {
  for (let failures = 0; ; ) {
    try {
      const details = await readDetails(options);
      failures = 0;
      if (details) options.onDetails(details);
      if (details && isOver(details)) return details;
    } catch (error) {
      options.signal.throwIfAborted();
      failures += 1;
      if (failures >= FAILURES || !passing.has(codeOf(error))) throw lost(options, error);
    }
    await sleep(options.client.limits.poll, undefined, { signal: options.signal });
  }
}

/**
 * Follows a run until it has ended: by streams as long as they tell something, then by asking.
 *
 * @throws ImageSpecError `UNION_WATCH_LOST`, and as the calls of Union
 */
export async function watchRun(options: WatchOptions): Promise<ActionDetails> {
  try {
    return (await watchStreams(options)) ?? (await poll(options));
  } catch (error) {
    options.signal.throwIfAborted();
    throw asUnionError(error, `following the build at ${options.url}`);
  }
}
