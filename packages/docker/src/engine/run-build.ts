import {
  asImageSpecError,
  type BuildRequest,
  type BuildResult,
  type EmittedFile,
  type ImageConfig,
  ImageSpecError,
  Redactor,
} from "@imagespec/core";
import { readBundle } from "../certificates.ts";
import { dockerFiles } from "../docker-files.ts";
import { type EmittedDockerfile, emitDockerfile, NO_UV_EXIT_CODE } from "../dockerfile/index.ts";
import type { DockerOptions } from "../options.ts";
import { findBaseConfig } from "./base-config.ts";
import { allEntries, buildContext } from "./build-context.ts";
import type { Built } from "./drivers/driver.ts";
import { readSecrets } from "./lent-secrets.ts";
import { roomFault } from "./no-room.ts";
import { openWork, type Work } from "./open-work.ts";
import { fetchUv } from "./uv/fetch-uv.ts";

/** What to build; tests of the engine bring their own. */
type Emit = typeof emitDockerfile;

/**
 * Builds the request's image with the engine that is there and pushes it where it belongs.
 *
 * @throws ImageSpecError with neither secrets nor logins in it; the signal's reason on abort
 */
export async function runBuild(
  request: BuildRequest<DockerOptions>,
  emit: Emit = emitDockerfile,
): Promise<BuildResult> {
  const redactor = new Redactor();
  try {
    request.signal.throwIfAborted();
    const work = await openWork(request, redactor);
    try {
      return await buildAndPush(work, emit);
    } finally {
      await work.engine.close();
    }
  } catch (error) {
    if (request.signal.aborted) throw request.signal.reason;
    throw asImageSpecError(roomFault(error), redactor, request.reference);
  }
}

async function buildAndPush(work: Work, emit: Emit): Promise<BuildResult> {
  const { engine, request, platforms } = work;
  const { reference } = request;
  const { localId, digest, mediaType, isPushed } = await buildRecipe(work, emit);
  const built = { reference, localId, platforms: platforms.map((platform) => ({ platform })) };
  if (request.destination === "local") return { ...built, warnings: [] };
  if (isPushed || engine.push === undefined) {
    request.services.emit({ type: "push-end", image: reference, time: Date.now(), digest });
    return { ...built, digest, mediaType, warnings: [] };
  }
  const pushed = await engine.push(request);
  const [platform = ""] = platforms;
  const { warnings } = pushed;
  return { ...built, digest: pushed.digest, platforms: [{ platform, digest: pushed.digest }], warnings };
}

async function buildRecipe(work: Work, emit: Emit): Promise<Built> {
  const { request, redactor } = work;
  const { plan, options, services } = request;
  const bases = new Map([...request.bases, [plan.base.reference, await configOfBase(work)]]);
  const emitted = emit({ plan, options, bases });
  const secrets = await readSecrets({
    ids: emitted.secrets.map(({ id }) => id),
    options,
    services,
    redactor,
  });
  for (const [id, bytes] of secrets) work.secrets.set(id, bytes);
  try {
    return await buildFiles(work, emitted, []);
  } catch (error) {
    if (!wantsUv(error)) throw error;
    return buildFiles(work, emitted, await uvFor(work));
  }
}

/** The engine's own base, which may be older than the registry's, counts before what the engine was told. */
function configOfBase(work: Work): Promise<ImageConfig> {
  const { request, platforms, base, proxies } = work;
  const { reference: image, services, signal, plan, bases } = request;
  const known = bases.get(plan.base.reference);
  return findBaseConfig(work, { image, base, known, platforms, proxies, emit: services.emit, signal });
}

function buildFiles(work: Work, emitted: EmittedDockerfile, more: readonly EmittedFile[]): Promise<Built> {
  const { engine, request, platforms, base, proxies } = work;
  const { reference, services, signal, force } = request;
  const report = (bytes: number, done: boolean) =>
    services.emit({ type: "context", image: reference, bytes, done });
  const files = [...dockerFiles(emitted), ...more];
  return engine.build({
    image: reference,
    reference,
    base,
    platforms,
    dockerfile: emitted.text,
    unlabelled: emitted.unlabelled,
    entries: () => allEntries(files, services.context()),
    report,
    context: (own) => buildContext({ files: [...files, ...own], entries: services.context(), report }),
    buildArguments: emitted.buildArguments,
    proxies,
    noCache: force,
    emit: services.emit,
    signal,
  });
}

function wantsUv(error: unknown): boolean {
  return ImageSpecError.isInstance(error) && error.details.step?.exitCode === NO_UV_EXIT_CODE;
}

/** For a base that has nothing to fetch uv with. */
async function uvFor({ request, platforms, secrets }: Work): Promise<readonly EmittedFile[]> {
  const { plan, options, signal } = request;
  const { caCertificates, pipMirror } = options;
  const certificates = caCertificates === undefined ? undefined : readBundle(caCertificates);
  const order = { plan, mirror: pipMirror, secrets, certificates, signal };
  return Promise.all(platforms.map((platform) => fetchUv({ ...order, platform })));
}
