import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { ActionPhase } from "@flyteorg/flyteidl2/flyteidl2/common/phase_pb.ts";
import type { ActionDetails } from "@flyteorg/flyteidl2/flyteidl2/workflow/run_definition_pb.ts";
import { type CreateRunRequest, RunService } from "@flyteorg/flyteidl2/flyteidl2/workflow/run_service_pb.ts";
import type { Behaviour, ServiceOptions } from "./behaviour.ts";
import { textInputs } from "./literals.ts";
import { execute, jobOf } from "./run-builds.ts";
import { type BackendState, Run } from "./state.ts";

async function untilAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  throw signal.reason;
}

function inputsOf(request: CreateRunRequest, state: BackendState): Readonly<Record<string, string>> {
  const { inputWrapper } = request;
  if (inputWrapper.case === "inputs") return textInputs(inputWrapper.value);
  const known = state.inputs.get(inputWrapper.value?.uri ?? "");
  if (!known) throw new ConnectError("no such inputs", Code.InvalidArgument);
  return known;
}

function startRun(request: CreateRunRequest, options: ServiceOptions): Run {
  const { state, executor, behaviour } = options;
  const place = request.id.value;
  const isNamed = request.id.case === "runId";
  const project = request.id.case === "runId" ? request.id.value.project : (request.id.value?.name ?? "");
  const name = request.id.case === "runId" ? request.id.value.name : state.newName();
  if (isNamed && state.runs.has(name)) throw new ConnectError(`the run ${name} exists`, Code.AlreadyExists);
  const inputs = inputsOf(request, state);
  const key = JSON.stringify([project, inputs]);
  const cached = request.runSpec?.cacheConfig?.overwriteCache ? undefined : state.cache.get(key);
  const id = { org: "", project, domain: place?.domain ?? "", name };
  const run = new Run(id as unknown as Run["id"], { job: jobOf(state, inputs), spec: request.runSpec });
  state.runs.set(name, run);
  if (cached?.phase === ActionPhase.SUCCEEDED) {
    run.image = cached.image;
    run.become(ActionPhase.SUCCEEDED);
    return run;
  }
  state.cache.set(key, run);
  void execute(run, { state, executor, ending: behaviour.ending, pause: behaviour.pause });
  return run;
}

/** The reason of a failure may come later than the phase. */
function detailsOf(run: Run, behaviour: Behaviour): ActionDetails {
  const { details } = run;
  if (run.isOver && behaviour.reasonAfter > 0) {
    behaviour.reasonAfter -= 1;
    details.result = { case: undefined };
  }
  return details;
}

async function* watch(run: Run, { signal }: HandlerContext, behaviour: Behaviour) {
  for (;;) {
    if (behaviour.watch === "refuse") throw new ConnectError("injected refusal", Code.Unavailable);
    if (behaviour.watch === "mute") await untilAborted(signal);
    yield { details: detailsOf(run, behaviour) };
    if (run.isOver) return;
    if (behaviour.watch === "drop") {
      await sleep(200);
      throw new ConnectError("injected drop", Code.Unavailable);
    }
    if (behaviour.watch === "end") return;
    const before = run.phase;
    while (run.phase === before || behaviour.watch === "silent") await run.next(signal);
  }
}

/** Runs: started, watched, asked for, aborted. */
export function runRoutes(router: ConnectRouter, options: ServiceOptions): void {
  const { state, behaviour } = options;
  const actionOf = ({ id, phase }: Run) => ({ id: { run: id, name: "a0" }, status: { phase, attempts: 1 } });
  router.service(RunService, {
    async createRun(request, { signal }) {
      const run = startRun(request, options);
      if (behaviour.createLate) {
        behaviour.createLate = false;
        await untilAborted(signal);
      }
      return { run: { action: actionOf(run) } };
    },
    getRunDetails({ runId }) {
      const run = state.run(runId?.name);
      const runSpec = run.spec;
      return { details: { action: detailsOf(run, behaviour), ...(runSpec && { runSpec }) } };
    },
    getActionDetails: ({ actionId }) => ({ details: detailsOf(state.run(actionId?.run?.name), behaviour) }),
    watchActionDetails: ({ actionId }, context) => watch(state.run(actionId?.run?.name), context, behaviour),
    abortRun({ runId, reason }) {
      const run = state.run(runId?.name);
      run.become(ActionPhase.ABORTED, reason ?? "aborted");
      run.abort.abort();
      return {};
    },
  });
}
