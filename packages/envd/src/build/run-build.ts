import { join } from "node:path";
import { asImageSpecError, findStep, ImageSpecError, Redactor } from "@imagespec/core";
import type { BuildRequest, BuildResult, Issue } from "@imagespec/core/builder";
import { createHome } from "../cli/envd-home.ts";
import { checkVersion, findEnvd } from "../cli/find-envd.ts";
import { type EnvdEnd, type EnvdProgram, streamEnvd } from "../cli/run-envd.ts";
import { chooseContext, type EnvdContext, useContext } from "../cli/use-context.ts";
import { localImageId } from "../docker/local-store.ts";
import { pushImage } from "../docker/push-image.ts";
import { checkEnvdConfig, emitEnvdConfig } from "../emit/emit-envd-config.ts";
import type { EnvdOptions } from "../options.ts";
import { buildFailure } from "./build-failure.ts";
import { buildWords, canPush } from "./command-line.ts";
import { exportProject } from "./export-project.ts";
import { linesLikeProgress, ProgressReader } from "./progress.ts";
import { registryAccess } from "./registry-access.ts";
import { type BuildFolder, writeFolder } from "./write-folder.ts";

type Request = BuildRequest<EnvdOptions>;
type Prepared = Readonly<{
  program: EnvdProgram;
  context: EnvdContext;
  folder: BuildFolder;
  warnings: readonly Issue[];
}>;

const SAID_LINES = 50;

async function prepareContext(
  program: EnvdProgram,
  wanted: ReturnType<typeof chooseContext>,
): Promise<EnvdContext> {
  await checkVersion(program);
  return useContext(program, wanted);
}

/** Nothing is left running in the folder when either fails. */
async function settleBoth<A, B>(first: Promise<A>, second: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}

/** Everything that can be wrong before envd builds. envd starts while the folder is written. */
async function prepare(request: Request): Promise<Prepared> {
  const { plan, bases, options, services, signal } = request;
  const emitted = emitEnvdConfig(plan, bases);
  const warnings = checkEnvdConfig(request).filter(({ severity }) => severity === "warning");
  const binary = await findEnvd(options.binary);
  const parent = await services.temporaryDirectory();
  const home = await createHome(join(parent, "home"), await registryAccess(request));
  const program: EnvdProgram = { binary, home, signal };
  const files = [{ path: "build.envd", content: emitted.text }, ...emitted.files];
  const [context, folder] = await settleBoth(
    prepareContext(program, chooseContext(options, plan)),
    writeFolder(request, { parent, files }),
  );
  await exportProject(request, folder.path);
  return { program, context, folder, warnings };
}

function endingOf({ exitCode, signal, timedOut }: EnvdEnd): string {
  if (timedOut) return "took longer than builderOptions.envd.timeout allows";
  return signal === undefined ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
}

function placeOf({ builder, address }: EnvdContext): string {
  return address ? `${builder}://${address}` : builder;
}

/** Builds, and pushes where envd can. Gives what it said of the digest. */
async function runEnvd(request: Request, prepared: Prepared): Promise<string | undefined> {
  const { reference, services, options, plan } = request;
  const ownLines = linesLikeProgress(findStep(plan, "commands")?.commands ?? []);
  const progress = new ProgressReader(reference, services.emit, ownLines);
  const said: string[] = [];
  const stderr = (line: string): void => {
    said.push(line);
    if (said.length > SAID_LINES) said.shift();
  };
  const sink = { stdout: (line: string): void => progress.read(line), stderr };
  const words = buildWords(request, { context: prepared.context, folder: prepared.folder.path });
  const end = await streamEnvd(prepared.program, words, { sink, timeout: options.timeout }).catch((error) => {
    progress.close("cancelled");
    throw error;
  });
  const isGood = end.exitCode === 0;
  progress.close(isGood ? undefined : endingOf(end));
  if (isGood) return progress.digest;
  const { failed: step } = progress;
  const place = placeOf(prepared.context);
  throw buildFailure({ plan, reference, step, said, ending: endingOf(end), place });
}

function noDigest(image: string): ImageSpecError {
  return new ImageSpecError("ENVD_NO_DIGEST", "envd ended well, but did not say what it pushed", {
    image,
    hint: "imagespec build --progress plain   shows all that envd says; its version should be 1.3",
  });
}

async function localResult(request: Request, warnings: readonly Issue[]): Promise<BuildResult> {
  const { reference, signal } = request;
  const localId = await localImageId(reference, signal);
  if (localId !== undefined) return { reference, localId, warnings };
  throw new ImageSpecError("ENVD_NOT_BUILT", `envd ended well, but Docker's engine has no ${reference}`, {
    image: reference,
    hint: "check that envd and DOCKER_HOST mean the same engine",
  });
}

async function buildAndPush(request: Request): Promise<BuildResult> {
  const { reference, services, destination } = request;
  const prepared = await prepare(request);
  const digest = await runEnvd(request, prepared);
  await prepared.folder.check();
  if (destination === "local") return localResult(request, prepared.warnings);
  if (!canPush(prepared.context)) {
    const { digest, warnings } = await pushImage(request);
    return { reference, digest, warnings: [...prepared.warnings, ...warnings] };
  }
  if (digest === undefined) throw noDigest(reference);
  services.emit({ type: "push-end", image: reference, time: Date.now(), digest });
  return { reference, digest, warnings: prepared.warnings };
}

/** The request, whose logins and events go through a redactor. */
function masked(request: Request, redactor: Redactor): Request {
  const { services } = request;
  return {
    ...request,
    services: {
      ...services,
      async credentials(repository, access) {
        const credential = await services.credentials(repository, access);
        if (credential) redactor.add(credential.kind === "basic" ? credential.password : credential.token);
        return credential;
      },
      emit: (event) => services.emit(redactor.data(event)),
    },
  };
}

/**
 * Builds the request's image with envd and pushes it where it belongs.
 *
 * @throws ImageSpecError without logins in it; the signal's reason on abort
 */
export async function runBuild(request: Request): Promise<BuildResult> {
  const redactor = new Redactor();
  try {
    request.signal.throwIfAborted();
    return await buildAndPush(masked(request, redactor));
  } catch (error) {
    if (request.signal.aborted) throw request.signal.reason;
    throw asImageSpecError(error, redactor, request.reference);
  }
}
