import { setTimeout as sleep } from "node:timers/promises";
import type { ActionDetails } from "@flyteorg/flyteidl2/flyteidl2/workflow/run_definition_pb.ts";
import type { Progress } from "./progress.ts";
import { tailLogs } from "./tail-logs.ts";
import { type WatchOptions, watchRun } from "./watch-run.ts";

/** Milliseconds that the end of a log is waited for once its run has ended. */
const LOG_GRACE = 3_000;

/** One tail for each attempt of a run whose log is there to be read. */
class LogTails {
  readonly #seen = new Set<number>();
  readonly #running: Promise<unknown>[] = [];
  readonly #end = new AbortController();
  readonly #options: WatchOptions;
  readonly #progress: Progress;

  constructor(options: WatchOptions, progress: Progress) {
    this.#options = options;
    this.#progress = progress;
  }

  follow({ attempts }: ActionDetails): void {
    for (const { attempt, logsAvailable } of attempts) {
      if (!logsAvailable || this.#seen.has(attempt)) continue;
      this.#seen.add(attempt);
      this.#running.push(this.#tail(attempt));
    }
  }

  async finish(): Promise<void> {
    const all = Promise.all(this.#running);
    const grace = sleep(LOG_GRACE, undefined, { signal: this.#end.signal }).catch(() => undefined);
    await Promise.race([all, grace]);
    this.#end.abort();
    await all;
  }

  async #tail(attempt: number): Promise<void> {
    const { client, run, signal, url } = this.#options;
    const limit = AbortSignal.any([signal, this.#end.signal]);
    const onLine = (line: string): void => this.#progress.line(line);
    const fault = await tailLogs({ client, run, attempt, signal: limit, onLine });
    if (fault)
      this.#progress.warn("UNION_LOG_UNAVAILABLE", `the log cannot be read (${fault})`, `it is at ${url}`);
  }
}

/** Follows a run to its end while its log is shown. */
export async function followRun(
  options: Omit<WatchOptions, "onDetails">,
  progress: Progress,
): Promise<ActionDetails> {
  const onDetails = (details: ActionDetails): void => {
    progress.details(details);
    tails.follow(details);
  };
  const watched: WatchOptions = { ...options, onDetails };
  const tails = new LogTails(watched, progress);
  try {
    return await watchRun(watched);
  } finally {
    await tails.finish();
  }
}
