import { createHash, randomUUID } from "node:crypto";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { AuthMetadataService } from "@flyteorg/flyteidl2/flyteidl2/auth/auth_service_pb.ts";
import { ClusterService } from "@flyteorg/flyteidl2/flyteidl2/cluster/service_pb.ts";
import { ActionPhase } from "@flyteorg/flyteidl2/flyteidl2/common/phase_pb.ts";
import {
  type CreateUploadLocationRequest,
  DataProxyService,
} from "@flyteorg/flyteidl2/flyteidl2/dataproxy/dataproxy_service_pb.ts";
import { ImageService } from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/service_pb.ts";
import type { Inputs } from "@flyteorg/flyteidl2/flyteidl2/task/common_pb.ts";
import { TaskService } from "@flyteorg/flyteidl2/flyteidl2/task/task_service_pb.ts";
import { type CreateRunRequest, RunService } from "@flyteorg/flyteidl2/flyteidl2/workflow/run_service_pb.ts";
import type { Executor } from "./executor.ts";
import { type AuthOptions, PUBLIC_CLIENT } from "./oauth.ts";
import { execute, jobOf } from "./run-builds.ts";
import { type BackendState, Run } from "./state.ts";

/** How a backend differs from one on which all is well. Read at each call, so tests may change it. */
export type Behaviour = {
  /** What SelectCluster says. `second`: the other listener. */
  cluster: "empty" | "same" | "second" | "unimplemented";
  /** The organisation has the task that builds images. */
  enabled: boolean;
  uploadInputs: "offload" | "unimplemented";
  /** What a stream does after its first message. `drop`: an error; `end`: a clean end; `silent`: nothing more. */
  watch: "follow" | "drop" | "end" | "silent";
  /** Phase that a run ends in, in place of success. */
  ending: number | undefined;
  /** The reason of a failure is told this many questions late. */
  outputs: "named" | "two" | "missing" | "late";
  /** Seconds that signed URLs last. */
  signedFor: number;
};

export type ServiceOptions = Readonly<{
  state: BackendState;
  behaviour: Behaviour;
  executor: Executor;
  auth: AuthOptions | undefined;
  /** Where this backend is reached: its own address, the other listener's, and the store's. */
  addresses: () => Readonly<{ main: string; second: string; origin: string }>;
}>;

const TASK = "build-image";

function taskSpec(name: string) {
  const text = { type: { type: { case: "simple" as const, value: 3 } } };
  const inputs = ["spec", "context", "target_image"].map((key) => ({ key, value: text }));
  return {
    taskTemplate: {
      id: { resourceType: 1, project: "system", domain: "production", name, version: "v1" },
      type: "python",
      interface: {
        inputs: { variables: inputs },
        outputs: { variables: [{ key: "fully_qualified_image", value: text }] },
      },
    },
    shortName: name,
  };
}

function textInputs(inputs: Inputs | undefined): Record<string, string> {
  const entries = (inputs?.literals ?? []).map(({ name, value }) => {
    const scalar = value?.value.case === "scalar" ? value.value.value.value : undefined;
    const primitive = scalar?.case === "primitive" ? scalar.value.value : undefined;
    return [name, primitive?.case === "stringValue" ? primitive.value : ""];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

const literal = (name: string, text: string) => ({
  name,
  value: {
    value: {
      case: "scalar" as const,
      value: {
        value: {
          case: "primitive" as const,
          value: { value: { case: "stringValue" as const, value: text } },
        },
      },
    },
  },
});

function signUpload(request: CreateUploadLocationRequest, { state, behaviour, addresses }: ServiceOptions) {
  const { project, domain, filename, contentMd5 } = request;
  const md5 = Buffer.from(contentMd5).toString("base64");
  const folder = Buffer.from(contentMd5).toString("hex").slice(0, 16);
  const path = `/bucket/${project}/${domain}/${folder}/${filename}?X-Sig=${randomUUID()}`;
  const nativeUrl = `s3://bucket/${project}/${domain}/${folder}/${filename}`;
  const headers = { "x-amz-meta-flytecontentmd5": md5 };
  state.signed.set(path, { nativeUrl, md5, headers, expiresAt: Date.now() + behaviour.signedFor * 1000 });
  return { signedUrl: addresses().origin + path, nativeUrl, headers: { ...headers, "Content-Length": "24" } };
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
  const run = new Run(id as unknown as Run["id"], jobOf(state, inputs));
  state.runs.set(name, run);
  if (cached?.phase === ActionPhase.SUCCEEDED) {
    run.image = cached.image;
    run.become(ActionPhase.SUCCEEDED);
    return run;
  }
  state.cache.set(key, run);
  void execute(run, { state, executor, ending: behaviour.ending });
  return run;
}

async function* watch(run: Run, { signal }: HandlerContext, behaviour: Behaviour) {
  for (;;) {
    yield { details: run.details };
    if (run.isOver) return;
    if (behaviour.watch === "drop") throw new ConnectError("injected drop", Code.Unavailable);
    if (behaviour.watch === "end") return;
    const before = run.phase;
    while (run.phase === before || behaviour.watch === "silent") await run.next(signal);
  }
}

async function* tail(run: Run, { signal }: HandlerContext) {
  for (let sent = 0; ; ) {
    const lines = run.log.slice(sent).map((message) => ({ message }));
    sent += lines.length;
    if (lines.length > 0) yield { logs: [{ lines }] };
    else if (run.isOver) return;
    else await run.next(signal);
  }
}

function outputsOf(run: Run, behaviour: Behaviour) {
  if (run.image === undefined) throw new ConnectError("no outputs yet", Code.NotFound);
  const mode = behaviour.outputs;
  if (mode === "late") {
    behaviour.outputs = "named";
    throw new ConnectError("no outputs yet", Code.NotFound);
  }
  const image = literal("fully_qualified_image", run.image);
  const literals =
    mode === "missing" ? [] : mode === "two" ? [literal("another", "another"), image] : [image];
  return { outputs: { literals } };
}

function selectCluster({ behaviour, addresses }: ServiceOptions): { clusterEndpoint: string } {
  const { main, second } = addresses();
  switch (behaviour.cluster) {
    case "empty":
      return { clusterEndpoint: "" };
    case "same":
      return { clusterEndpoint: `dns:///${main}` };
    case "second":
      return { clusterEndpoint: second };
    case "unimplemented":
      throw new ConnectError("SelectCluster is not implemented", Code.Unimplemented);
  }
}

function authRoutes(router: ConnectRouter, { auth, addresses }: ServiceOptions): void {
  router.service(AuthMetadataService, {
    getOAuth2Metadata: () => ({
      issuer: addresses().origin,
      authorizationEndpoint: `${addresses().origin}/oauth2/authorize`,
      tokenEndpoint: `${addresses().origin}/oauth2/token`,
      deviceAuthorizationEndpoint: auth?.device ? `${addresses().origin}/oauth2/device` : "",
    }),
    getPublicClientConfig: () => ({
      clientId: PUBLIC_CLIENT,
      redirectUri: auth?.redirectUri ?? "http://localhost/callback",
      scopes: ["all", "offline"],
      authorizationMetadataKey: auth?.announcedHeader ?? auth?.header ?? "authorization",
      audience: auth?.audience ?? "",
    }),
  });
}

function dataRoutes(router: ConnectRouter, options: ServiceOptions): void {
  const { state, behaviour } = options;
  router.service(DataProxyService, {
    createUploadLocation: (request) => signUpload(request, options),
    uploadInputs(request) {
      if (behaviour.uploadInputs === "unimplemented")
        throw new ConnectError("not implemented", Code.Unimplemented);
      const inputs = textInputs(request.inputs);
      const inputsHash = createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
      const uri = `s3://bucket/inputs/${inputsHash}`;
      state.inputs.set(uri, inputs);
      return { offloadedInputData: { uri, inputsHash } };
    },
    getActionData: ({ actionId }) => outputsOf(state.run(actionId?.run?.name), behaviour),
    tailLogs: ({ actionId }, context) => tail(state.run(actionId?.run?.name), context),
  });
}

function runRoutes(router: ConnectRouter, options: ServiceOptions): void {
  const { state, behaviour } = options;
  const actionOf = ({ id, phase }: Run) => ({ id: { run: id, name: "a0" }, status: { phase, attempts: 1 } });
  router.service(RunService, {
    createRun: (request) => ({ run: { action: actionOf(startRun(request, options)) } }),
    getRunDetails: ({ runId }) => ({ details: { action: state.run(runId?.name).details } }),
    getActionDetails: ({ actionId }) => ({ details: state.run(actionId?.run?.name).details }),
    watchActionDetails: ({ actionId }, context) => watch(state.run(actionId?.run?.name), context, behaviour),
    abortRun({ runId, reason }) {
      const run = state.run(runId?.name);
      run.become(ActionPhase.ABORTED, reason ?? "aborted");
      run.abort.abort();
      return {};
    },
  });
}

/** Union's services, as far as a build asks them. */
export function routes(options: ServiceOptions): (router: ConnectRouter) => void {
  const { state, behaviour } = options;
  const taskId = { project: "system", domain: "production", name: TASK, version: "v1" };
  return (router) => {
    authRoutes(router, options);
    dataRoutes(router, options);
    runRoutes(router, options);
    router.service(ClusterService, { selectCluster: () => selectCluster(options) });
    router.service(TaskService, {
      listTasks: () => ({ tasks: behaviour.enabled ? [{ taskId }] : [] }),
      getTaskDetails: () => ({ details: { taskId, spec: taskSpec(TASK) } }),
    });
    router.service(ImageService, {
      getImage({ id }) {
        const fqin = state.images.get(id?.name ?? "");
        if (fqin === undefined) throw new ConnectError("image not found", Code.NotFound);
        return { image: { id: { name: id?.name ?? "" }, fqin } };
      },
    });
  };
}
