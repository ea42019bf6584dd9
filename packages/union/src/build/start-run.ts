import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import type { OffloadedInputData } from "@flyteorg/flyteidl2/flyteidl2/common/run_pb.ts";
import { type Inputs, InputsSchema } from "@flyteorg/flyteidl2/flyteidl2/task/common_pb.ts";
import { CacheLookupScope } from "@flyteorg/flyteidl2/flyteidl2/task/run_pb.ts";
import type { TaskSpec } from "@flyteorg/flyteidl2/flyteidl2/task/task_definition_pb.ts";
import { ImageSpecError } from "@imagespec/core";
import { asUnionError, codeOf, isUntrusted } from "../client/faults.ts";
import { retry } from "../client/retry.ts";
import { transient } from "../client/transport.ts";
import { Operation, type RunName, type UnionClient } from "../client/union-client.ts";
import { isSuccess, isTerminal } from "./phases.ts";
import { LAST_ATTEMPT, runName } from "./run-name.ts";

export type RunInputs = Readonly<{ spec: string; context: string; target_image: string }>;

export type StartOptions = Readonly<{
  client: UnionClient;
  task: TaskSpec;
  inputs: RunInputs;
  force: boolean;
  signal: AbortSignal;
  /** Told before the server is asked: from here on a run of ours may have that name. Undefined: it is another's. */
  onAttempt: (run: RunName | undefined) => void;
}>;

/** `joined`: somebody else started it. */
export type StartedRun = Readonly<{ run: RunName; phase: number; joined: boolean }>;

function literalInputs(inputs: RunInputs): Inputs {
  const literals = Object.entries(inputs).map(([name, text]) => {
    const primitive = { value: { case: "stringValue" as const, value: text } };
    const scalar = { value: { case: "primitive" as const, value: primitive } };
    return { name, value: { value: { case: "scalar" as const, value: scalar } } };
  });
  return create(InputsSchema, { literals });
}

type InputWrapper =
  | { case: "offloadedInputData"; value: OffloadedInputData }
  | { case: "inputs"; value: Inputs };

/** A server that keeps no inputs is given them with the run. */
async function offload({ client, task, inputs, signal }: StartOptions): Promise<InputWrapper> {
  const literals = literalInputs(inputs);
  const { organization, domain, name } = client.projectId;
  const id = { case: "projectId" as const, value: { organization, domain, name } };
  try {
    const data = await client.data(Operation.UPLOAD_INPUTS, { signal });
    const request = { id, task: { case: "taskSpec" as const, value: task }, inputs: literals };
    const { offloadedInputData } = await data.uploadInputs(request, {
      signal,
      timeoutMs: client.limits.call,
    });
    if (offloadedInputData) return { case: "offloadedInputData", value: offloadedInputData };
  } catch (error) {
    if (codeOf(error) !== Code.Unimplemented) throw error;
  }
  return { case: "inputs", value: literals };
}

/** `ticket`: tells this request's run from others of its name. */
type Creation = StartOptions & Readonly<{ inputWrapper: InputWrapper; ticket: string }>;

const TICKET = "imagespec/request";

const lost: ReadonlySet<Code | undefined> = new Set([
  ...transient,
  Code.DeadlineExceeded,
  Code.Canceled,
  Code.Unknown,
]);

function creationOf(run: RunName, { task, force, inputWrapper, ticket }: Creation) {
  const cacheConfig = { overwriteCache: force, cacheLookupScope: CacheLookupScope.PROJECT_DOMAIN };
  const annotations = { values: { [TICKET]: ticket } };
  return {
    id: { case: "runId" as const, value: run },
    task: { case: "taskSpec" as const, value: task },
    inputWrapper,
    runSpec: { overwriteCache: force, cacheConfig, annotations },
  };
}

/** An answer that was lost is asked for again: the name keeps it one run. Undefined: the name is taken. */
async function createOnce(run: RunName, options: Creation): Promise<StartedRun | undefined> {
  const { client, signal } = options;
  const request = creationOf(run, options);
  const attempt = async (): Promise<StartedRun | undefined> => {
    try {
      const runs = await client.runs();
      const answer = await runs.createRun(request, { signal, timeoutMs: client.limits.call });
      const action = answer.run?.action;
      return { run: action?.id?.run ?? run, phase: action?.status?.phase ?? 0, joined: false };
    } catch (error) {
      if (codeOf(error) !== Code.AlreadyExists) throw error;
      return undefined;
    }
  };
  const again = (error: unknown): boolean =>
    !signal.aborted && lost.has(codeOf(error)) && !isUntrusted(error);
  return retry(attempt, { tries: 4, first: 500, longest: 10_000, signal, again });
}

type Found = Readonly<{ phase: number; isOurs: boolean }>;

async function lookAt(run: RunName, { client, signal, ticket }: Creation): Promise<Found> {
  const runs = await client.runs();
  const { details } = await runs.getRunDetails({ runId: run }, { signal, timeoutMs: client.limits.call });
  const isOurs = details?.runSpec?.annotations?.values[TICKET] === ticket;
  return { phase: details?.action?.status?.phase ?? 0, isOurs };
}

async function startOrJoin(options: Creation): Promise<StartedRun> {
  const { org, project, domain } = options.client.settings;
  for (let attempt = 1; attempt <= LAST_ATTEMPT; attempt += 1) {
    const run = { org, project, domain, name: runName(options.inputs.target_image, attempt) };
    options.onAttempt(run);
    const created = await createOnce(run, options);
    if (created) return created;
    options.onAttempt(undefined);
    const { phase, isOurs } = await lookAt(run, options);
    const isUseful = isOurs || !isTerminal(phase) || (isSuccess(phase) && !options.force);
    if (isUseful) return { run, phase, joined: !isOurs };
  }
  throw new ImageSpecError("UNION_TOO_MANY_RUNS", `${LAST_ATTEMPT} builds of this image have ended already`, {
    hint: "give the spec another name, or a tagFormat",
  });
}

/**
 * Starts the build, or joins the one that runs already for the same image.
 *
 * @throws ImageSpecError `UNION_TOO_MANY_RUNS`, and as the calls of Union
 */
export async function startRun(options: StartOptions): Promise<StartedRun> {
  try {
    return await startOrJoin({ ...options, inputWrapper: await offload(options), ticket: randomUUID() });
  } catch (error) {
    options.signal.throwIfAborted();
    throw asUnionError(error, "starting the build");
  }
}
