import { clone, create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import {
  Secret_MountType,
  SecretSchema,
  SecurityContextSchema,
} from "@flyteorg/flyteidl2/flyteidl2/core/security_pb.ts";
import { type TaskSpec, TaskSpecSchema } from "@flyteorg/flyteidl2/flyteidl2/task/task_definition_pb.ts";
import { ImageSpecError } from "@imagespec/core";
import type { BuildPlan } from "@imagespec/core/builder";
import { asUnionError, codeOf } from "../client/faults.ts";
import type { UnionClient } from "../client/union-client.ts";
import { flattenPlans, stepSecrets } from "../emit/plan-parts.ts";
import { secretName } from "../emit/secret-mounts.ts";

const TASK = "build-image";
const PROJECT = "system";

function notEnabled(): ImageSpecError {
  return new ImageSpecError(
    "UNION_BUILDER_DISABLED",
    "the remote image builder is not enabled for this organisation",
    { hint: "ask Union to enable it, or build with docker" },
  );
}

/**
 * The newest version of the task that builds images.
 *
 * @throws ImageSpecError `UNION_BUILDER_DISABLED`, and as the calls of Union
 */
export async function findTask(client: UnionClient, signal: AbortSignal): Promise<TaskSpec> {
  const { settings } = client;
  const tasks = await client.tasks();
  const options = { signal, timeoutMs: client.limits.call };
  const projectId = { organization: settings.org, domain: settings.taskDomain, name: PROJECT };
  try {
    const filters = [{ field: "name", values: [TASK] }];
    const request = { limit: 1, sortBy: { key: "created_at" }, filters };
    const found = await tasks.listTasks(
      { request, scopeBy: { case: "projectId", value: projectId } },
      options,
    );
    const taskId = found.tasks[0]?.taskId;
    if (!taskId) throw notEnabled();
    const { details } = await tasks.getTaskDetails({ taskId }, options);
    if (!details?.spec) throw notEnabled();
    return details.spec;
  } catch (error) {
    signal.throwIfAborted();
    throw codeOf(error) === Code.NotFound
      ? notEnabled()
      : asUnionError(error, "looking for the image builder");
  }
}

/** The task with every secret named that a step reads: Union mounts them where the builder finds them. */
export function withSecrets(task: TaskSpec, plan: BuildPlan): TaskSpec {
  const ids = new Set(
    flattenPlans(plan)
      .flatMap(({ steps }) => steps.flatMap(stepSecrets))
      .map(({ id }) => id),
  );
  const template = task.taskTemplate;
  if (ids.size === 0 || !template) return task;
  const copy = clone(TaskSpecSchema, task);
  const context = template.securityContext ?? create(SecurityContextSchema);
  const own = [...ids].map((id) =>
    create(SecretSchema, { ...secretName(id), mountRequirement: Secret_MountType.FILE }),
  );
  copy.taskTemplate!.securityContext = { ...context, secrets: [...context.secrets, ...own] };
  return copy;
}
