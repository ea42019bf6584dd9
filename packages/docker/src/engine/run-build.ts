import {
  asImageSpecError,
  type BuildRequest,
  type BuildResult,
  type EmittedFile,
  type ImageConfig,
  ImageSpecError,
  Redactor,
} from "@imagespec/core";
import { dockerFiles } from "../docker-files.ts";
import { type EmittedDockerfile, emitDockerfile, NO_UV_EXIT_CODE } from "../dockerfile/index.ts";
import type { DockerOptions } from "../options.ts";
import { findBaseConfig } from "./base-config.ts";
import { buildImage } from "./build/build-image.ts";
import { buildContext } from "./build-context.ts";
import { readBundle, readSecrets } from "./lent-secrets.ts";
import { openWork, type Work } from "./open-work.ts";
import { pushImage } from "./push-image.ts";
import { fetchUv } from "./uv/fetch-uv.ts";

/** What to build; tests of the engine bring their own. */
type Emit = typeof emitDockerfile;

/**
 * Builds the request's image with Docker's engine and pushes it where it belongs.
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
      work.session.close();
    }
  } catch (error) {
    if (request.signal.aborted) throw request.signal.reason;
    throw asImageSpecError(error, redactor, request.reference);
  }
}

async function buildAndPush(work: Work, emit: Emit): Promise<BuildResult> {
  const { engine, request, platform } = work;
  const localId = await withLoginFaults(work, () => buildRecipe(work, emit));
  const { reference } = request;
  if (request.destination === "local") return { reference, localId, platforms: [{ platform }], warnings: [] };
  const { digest, warnings } = await pushImage(engine, request);
  return { reference, digest, localId, platforms: [{ platform, digest }], warnings };
}

/** The engine only sees that there was no login; why there was none is known here. */
async function withLoginFaults<T>(work: Work, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw work.logins.fault === undefined ? error : work.logins.fault.error;
  }
}

async function buildRecipe(work: Work, emit: Emit): Promise<string> {
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
    return buildFiles(work, emitted, [await uvFor(work)]);
  }
}

/** BuildKit's own base, which may be older than the registry's, counts before what the engine was told. */
function configOfBase({ engine, request, session, platform, base }: Work): Promise<ImageConfig> {
  const { reference: image, services, signal, plan, bases } = request;
  const known = bases.get(plan.base.reference);
  return findBaseConfig(engine, {
    image,
    base,
    known,
    platform,
    session: session.id,
    emit: services.emit,
    signal,
  });
}

function buildFiles(work: Work, emitted: EmittedDockerfile, more: readonly EmittedFile[]): Promise<string> {
  const { engine, request, session, platform, base, proxies } = work;
  const { reference, services, signal, force } = request;
  const report = (bytes: number, done: boolean) =>
    services.emit({ type: "context", image: reference, bytes, done });
  return buildImage(engine, {
    image: reference,
    reference,
    base,
    platform,
    session: session.id,
    context: buildContext({ files: [...dockerFiles(emitted), ...more], entries: services.context(), report }),
    buildArguments: { ...proxies, ...emitted.buildArguments },
    noCache: force,
    emit: services.emit,
    signal,
  });
}

function wantsUv(error: unknown): boolean {
  return ImageSpecError.isInstance(error) && error.details.step?.exitCode === NO_UV_EXIT_CODE;
}

/** For a base that has nothing to fetch uv with. */
async function uvFor({ request, platform, secrets }: Work): Promise<EmittedFile> {
  const { plan, options, signal } = request;
  const { caCertificates } = options;
  const certificates = caCertificates === undefined ? undefined : await readBundle(caCertificates);
  return fetchUv({ plan, platform, secrets, certificates, signal });
}
