import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { codeOf } from "../client/faults.ts";
import { Operation, type RunName, type UnionClient } from "../client/union-client.ts";

export type TailOptions = Readonly<{
  client: UnionClient;
  run: RunName;
  attempt: number;
  signal: AbortSignal;
  onLine: (line: string) => void;
}>;

const TRIES = 5;
const PAUSE = 2_000;

async function readOnce({ client, run, attempt, signal, onLine }: TailOptions): Promise<void> {
  const data = await client.data(Operation.TAIL_LOGS, { signal, run });
  for await (const { logs } of data.tailLogs({ actionId: { run, name: "a0" }, attempt }, { signal })) {
    for (const { lines } of logs)
      for (const { message } of lines) for (const line of message.split(/\r?\n/)) onLine(line);
  }
}

/**
 * Gives the lines of the log as they come, until it ends or the signal says so. Logs that cannot be had do not fail
 * a build: the reason is given back.
 */
export async function tailLogs(options: TailOptions): Promise<string | undefined> {
  for (let turn = 1; ; turn += 1) {
    try {
      await readOnce(options);
      return undefined;
    } catch (error) {
      if (options.signal.aborted) return undefined;
      const code = codeOf(error);
      if (code !== Code.NotFound || turn >= TRIES) return code === undefined ? "failed" : Code[code];
    }
    await sleep(PAUSE, undefined, { signal: options.signal }).catch(() => undefined);
  }
}
