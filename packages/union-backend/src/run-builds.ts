import { setTimeout as sleep } from "node:timers/promises";
import { fromBinary } from "@bufbuild/protobuf";
import { ActionPhase } from "@flyteorg/flyteidl2/flyteidl2/common/phase_pb.ts";
import { ImageSpecSchema } from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/definition_pb.ts";
import type { Executor, Job } from "./executor.ts";
import type { BackendState, Run } from "./state.ts";

/** What the inputs of a run name, read from the object store. */
export function jobOf(
  state: BackendState,
  inputs: Readonly<Record<string, string>>,
): Omit<Job, "log" | "signal"> {
  const message = fromBinary(ImageSpecSchema, state.object(inputs.spec ?? ""));
  const context = inputs.context ? state.object(inputs.context) : undefined;
  return { message, context, target: inputs.target_image ?? "" };
}

/** The name by which an image is asked for: without its registry. */
const lookUpName = (target: string): string => target.slice(target.lastIndexOf("/") + 1);

type ExecuteOptions = Readonly<{
  state: BackendState;
  executor: Executor;
  ending: number | undefined;
  pause: boolean;
}>;

/** Takes a run through its phases. `ending` may put another end in place of success. */
export async function execute(run: Run, { state, executor, ending, pause }: ExecuteOptions): Promise<void> {
  run.become(ActionPhase.WAITING_FOR_RESOURCES);
  run.become(ActionPhase.INITIALIZING);
  run.become(ActionPhase.RUNNING);
  if (pause) {
    run.become(ActionPhase.PAUSED);
    await sleep(200);
    run.become(ActionPhase.RUNNING);
  }
  try {
    const log = (line: string): void => run.addLine(line);
    run.image = await executor({ ...run.job, log, signal: run.abort.signal });
    state.images.set(lookUpName(run.job.target), run.image);
    run.become(ending ?? ActionPhase.SUCCEEDED, ending === undefined ? undefined : "ended by the backend");
  } catch (error) {
    run.become(ActionPhase.FAILED, error instanceof Error ? error.message : String(error));
  }
}
