import {
  type Credential,
  followPush,
  type JsonObject,
  type PushOrder,
  type PushResult,
  parseImageReference,
} from "@imagespec/core";
import type { Environment } from "../docker-config.ts";
import { type Ending, runTool } from "./run-tool.ts";

export type PushTool = Readonly<{
  command: readonly string[];
  environment: Environment;
  endedBy: Ending;
  /** Lays the login where the tool looks for it. */
  prepare(credential: Credential | undefined): Promise<void>;
  /** What the tool says it pushed, where it says so. */
  digest(stdout: string): Promise<string | undefined>;
}>;

/**
 * Pushes an image by a tool, under its own name.
 *
 * @throws ImageSpecError `PUSH_DENIED` and its kin; the signal's reason on abort
 */
export function pushWithTool(order: PushOrder, tool: PushTool): Promise<PushResult> {
  return followPush(messagesOf(order, tool), order);
}

/** What the tool does, in the words of an engine's API. */
async function* messagesOf(order: PushOrder, tool: PushTool): AsyncGenerator<JsonObject> {
  const { reference, services, signal } = order;
  const { host, repository } = parseImageReference(reference);
  await tool.prepare(await services.credentials(`${host}/${repository}`, "push"));
  const { command, environment, endedBy } = tool;
  const { exitCode, stdout, stderr } = await runTool({ command, environment, endedBy, signal });
  if (exitCode !== 0) {
    yield { error: reasonIn(stderr || stdout) };
    return;
  }
  const digest = await tool.digest(stdout);
  if (digest !== undefined) yield { aux: { Digest: digest } };
}

function reasonIn(text: string): string {
  const lines = text.trim().split("\n");
  const line =
    lines.findLast((one) => /^error|level=(error|fatal)|denied|unauthorized/i.test(one)) ?? lines.at(-1);
  return line?.replace(/^Error: /i, "") || "it failed without a word";
}
