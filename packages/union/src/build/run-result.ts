import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { ActionPhase } from "@flyteorg/flyteidl2/flyteidl2/common/phase_pb.ts";
import type { NamedLiteral } from "@flyteorg/flyteidl2/flyteidl2/task/common_pb.ts";
import type { ActionDetails } from "@flyteorg/flyteidl2/flyteidl2/workflow/run_definition_pb.ts";
import { ImageSpecError } from "@imagespec/core";
import { asUnionError, codeOf, withoutQueries } from "../client/faults.ts";
import { Operation } from "../client/union-client.ts";
import { readDetails, type WatchOptions } from "./watch-run.ts";

const OUTPUT = "fully_qualified_image";
const TRIES = 5;
const PAUSE = 1_000;

function textOf({ value }: NamedLiteral): string | undefined {
  const scalar = value?.value.case === "scalar" ? value.value.value.value : undefined;
  const primitive = scalar?.case === "primitive" ? scalar.value.value : undefined;
  return primitive?.case === "stringValue" && primitive.value !== "" ? primitive.value : undefined;
}

async function readOutput({ client, run, signal }: WatchOptions): Promise<string | undefined> {
  const data = await client.data(Operation.GET_ACTION_DATA, { signal, run });
  const options = { signal, timeoutMs: client.limits.call };
  try {
    const { outputs } = await data.getActionData({ actionId: { run, name: "a0" } }, options);
    const literals = outputs?.literals ?? [];
    const named = literals.find(({ name }) => name === OUTPUT) ?? literals[0];
    return named && textOf(named);
  } catch (error) {
    if (codeOf(error) === Code.NotFound) return undefined;
    throw error;
  }
}

/**
 * The name of the image that a run has built. It may appear a little after the run's end.
 *
 * @throws ImageSpecError `UNION_RESULT_MISSING`, and as the calls of Union
 */
export async function readImageName(options: WatchOptions): Promise<string> {
  const { signal, url } = options;
  try {
    for (let turn = 1; turn <= TRIES; turn += 1) {
      const name = await readOutput(options);
      if (name !== undefined) return name;
      if (turn < TRIES) await sleep(PAUSE, undefined, { signal });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw asUnionError(error, `reading the result of ${url}`);
  }
  throw new ImageSpecError("UNION_RESULT_MISSING", "the build has succeeded and does not name its image", {
    hint: `look at ${url}`,
  });
}

const failed = { code: "UNION_BUILD_FAILED", message: "the build failed" };
const failures: Readonly<Record<number, typeof failed>> = {
  [ActionPhase.ABORTED]: { code: "UNION_BUILD_ABORTED", message: "the build was aborted" },
  [ActionPhase.TIMED_OUT]: { code: "UNION_BUILD_TIMED_OUT", message: "the build timed out" },
};

function reasonOf({ result }: ActionDetails): string | undefined {
  if (result.case === "errorInfo") return result.value.message;
  return result.case === "abortInfo" ? result.value.reason : undefined;
}

/** The reason may come later than the phase. */
async function awaitReason(details: ActionDetails, options: WatchOptions): Promise<string | undefined> {
  let reason = reasonOf(details);
  for (let turn = 1; !reason && turn < TRIES; turn += 1) {
    await sleep(PAUSE, undefined, { signal: options.signal });
    const later = await readDetails(options).catch(() => undefined);
    reason = later && reasonOf(later);
  }
  return reason;
}

/** The error of a run that did not build its image: why, where, and the end of its log. */
export async function failureOf(
  details: ActionDetails,
  options: WatchOptions,
  log: readonly string[],
): Promise<ImageSpecError> {
  const { code, message } = failures[details.status?.phase ?? 0] ?? failed;
  const reason = withoutQueries((await awaitReason(details, options)) ?? "Union gives no reason");
  return new ImageSpecError(code, `${message}: ${reason}`, {
    hint: `the whole log is at ${options.url}`,
    step: { name: "build", log: log.slice(-20) },
  });
}
