import { ImageSpecError, parseImageReference } from "@imagespec/core";
import type { BuildRequest, BuildResult } from "@imagespec/core/builder";
import type { RunName, UnionClient } from "../client/union-client.ts";
import { emitImageSpecMessage, encodeImageSpecMessage } from "../emit/emit-image-spec-message.ts";
import type { UnionOptions } from "../options.ts";
import { followRun } from "./follow-run.ts";
import { isSuccess, isTerminal } from "./phases.ts";
import { contextUpload, messageUpload } from "./prepare-uploads.ts";
import { Progress } from "./progress.ts";
import { failureOf, readImageName } from "./run-result.ts";
import { type RunInputs, type StartedRun, startRun } from "./start-run.ts";
import { isInRegistry, targetImage } from "./target-image.ts";
import { findTask, withSecrets } from "./task.ts";
import { type UploadOptions, upload } from "./upload.ts";
import { readDetails, type WatchOptions } from "./watch-run.ts";

const LARGE_CONTEXT = 5 * 1024 * 1024;
const ABORT_TIMEOUT = 10_000;

type Request = BuildRequest<UnionOptions>;
type Parts = Readonly<{ client: UnionClient; request: Request; progress: Progress }>;

/** The page that shows a run. */
export function runUrl({ settings }: UnionClient, { project, domain, name }: RunName): string {
  const { endpoint } = settings;
  const scheme = endpoint.isSecure ? "https" : "http";
  return `${scheme}://${endpoint.host}/v2/domain/${domain}/project/${project}/runs/${name}`;
}

function checkPlace({ settings }: UnionClient): void {
  const missing = (["project", "domain"] as const).find((field) => settings[field] === "");
  if (missing === undefined) return;
  throw new ImageSpecError("UNION_CONFIG_MISSING", `nothing says in which ${missing} to build`, {
    field: `builderOptions.union.${missing}`,
    hint: `write task.${missing} into the configuration of Union`,
  });
}

async function uploadAll({ client, request, progress }: Parts): Promise<Omit<RunInputs, "target_image">> {
  const { plan, signal } = request;
  const onProgress = (bytes: number): void => progress.context(bytes, false);
  const options: UploadOptions = { client, signal, onProgress };
  const message = encodeImageSpecMessage(emitImageSpecMessage(plan));
  const spec = await upload(messageUpload(message), { ...options, onProgress: () => {} });
  const blob = await contextUpload(request);
  if (!blob) return { spec, context: "" };
  if (blob.size > LARGE_CONTEXT) {
    const size = `${(blob.size / 1024 / 1024).toFixed(1)} MiB`;
    progress.warn(
      "UNION_CONTEXT_LARGE",
      `${size} go to Union`,
      "leave out what the image does not need: .dockerignore",
    );
  }
  const context = await upload(blob, options);
  progress.context(blob.size, true);
  return { spec, context };
}

/** Ends a run of ours that nobody waits for any more. Whether it works out changes nothing for the caller. */
async function abortRun(client: UnionClient, run: RunName): Promise<void> {
  const request = { runId: run, reason: "cancelled by imagespec" };
  const runs = await client.runs();
  await runs.abortRun(request, { timeoutMs: ABORT_TIMEOUT }).catch(() => undefined);
}

async function start(parts: Parts): Promise<StartedRun> {
  const { client, request } = parts;
  const { plan, reference, force, signal } = request;
  const task = withSecrets(await findTask(client, signal), plan);
  const { target } = targetImage(reference, plan);
  const inputs = { ...(await uploadAll(parts)), target_image: target };
  let asked: RunName | undefined;
  const onAttempt = (run: RunName | undefined): void => {
    asked = run;
  };
  try {
    return await startRun({ client, task, inputs, force, signal, onAttempt });
  } catch (error) {
    if (signal.aborted && asked) await abortRun(client, asked);
    throw error;
  }
}

async function finish(started: StartedRun, { client, request, progress }: Parts): Promise<string> {
  const { run, phase, joined } = started;
  const { signal, plan } = request;
  const url = runUrl(client, run);
  const begin = Date.now();
  progress.submitted(url, joined);
  const options: WatchOptions = { client, run, url, signal, onDetails: () => {} };
  const ended = isTerminal(phase) ? await readDetails(options) : undefined;
  const details = ended ?? (await followRun({ client, run, url, signal }, progress));
  progress.finished(details, (Date.now() - begin) / 1000);
  if (!isSuccess(details.status?.phase ?? 0)) throw await failureOf(details, options, progress.tail);
  const image = await readImageName(options);
  if (isInRegistry(image, plan)) return image;
  throw new ImageSpecError(
    "UNION_RESULT_ELSEWHERE",
    `the image is ${image}, and not in ${plan.destination.registry}`,
    {
      hint: `look at ${url}`,
    },
  );
}

async function run(parts: Parts): Promise<BuildResult> {
  const { client, request } = parts;
  checkPlace(client);
  const started = await start(parts);
  try {
    const reference = await finish(started, parts);
    const { digest } = parseImageReference(reference);
    const metadata = { url: runUrl(client, started.run), joined: started.joined };
    return { reference, ...(digest !== undefined && { digest }), warnings: [], metadata };
  } catch (error) {
    if (request.signal.aborted && !started.joined) await abortRun(client, started.run);
    throw aboutRun(error, runUrl(client, started.run), parts);
  }
}

/** Whatever goes wrong once there is a run names its page and the end of its log. */
function aboutRun(error: unknown, url: string, { request, progress }: Parts): unknown {
  const fault = request.signal.aborted ? cancelled(request) : error;
  if (!ImageSpecError.isInstance(fault)) return error;
  const { hint = "", step } = fault.details;
  const page = hint.includes(url) ? hint : `${hint === "" ? "" : `${hint}; `}the build is at ${url}`;
  const details = { ...fault.details, hint: page, step: step ?? { name: "build", log: progress.tail } };
  return new ImageSpecError(fault.code, fault.message, details);
}

function cancelled({ reference }: Request): ImageSpecError {
  return new ImageSpecError("ABORTED", "cancelled", { image: reference });
}

/**
 * Builds in Union's cloud: uploads, starts or joins the run, follows it, and gives the name of the image.
 *
 * @throws ImageSpecError with the run's page and the end of its log, once there is a run
 */
export async function buildImage(client: UnionClient, request: Request): Promise<BuildResult> {
  const progress = new Progress(request);
  try {
    return await run({ client, request, progress });
  } catch (error) {
    const isTold = ImageSpecError.isInstance(error) && error.code === "ABORTED";
    throw request.signal.aborted && !isTold ? cancelled(request) : error;
  } finally {
    progress.close("it did not end");
  }
}
