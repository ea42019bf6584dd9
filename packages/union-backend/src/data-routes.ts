import { createHash, randomUUID } from "node:crypto";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import {
  type CreateUploadLocationRequest,
  DataProxyService,
} from "@flyteorg/flyteidl2/flyteidl2/dataproxy/dataproxy_service_pb.ts";
import type { Behaviour, ServiceOptions } from "./behaviour.ts";
import { literal, textInputs } from "./literals.ts";
import type { Run } from "./state.ts";

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

async function* tail(run: Run, { signal }: HandlerContext, behaviour: Behaviour) {
  if (behaviour.logsMissing > 0) {
    behaviour.logsMissing -= 1;
    throw new ConnectError("no logs yet", Code.NotFound);
  }
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

/** Uploads, inputs, outputs and logs. */
export function dataRoutes(router: ConnectRouter, options: ServiceOptions): void {
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
    tailLogs: ({ actionId }, context) => tail(state.run(actionId?.run?.name), context, behaviour),
  });
}
