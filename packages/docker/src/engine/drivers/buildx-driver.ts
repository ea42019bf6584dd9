import { baseImageFailure, type ImageConfig, ImageSpecError, pushFailure, textOf } from "@imagespec/core";
import { writeDockerFolder } from "../cli/docker-folder.ts";
import { askTool, type Question, versionIn } from "../cli/find-tool.ts";
import { runBuildTool } from "../cli/run-build-tool.ts";
import { runTool } from "../cli/run-tool.ts";
import { createToolFiles, type ToolFiles, writeSecrets } from "../cli/tool-files.ts";
import type { Environment } from "../docker-config.ts";
import { imageConfigOf } from "../local-image.ts";
import { RawProgress } from "../progress/raw-progress.ts";
import { attestOptions } from "./attest-options.ts";
import { builderName } from "./builder-name.ts";
import { builderAbilities, findBuilder, storeEngine } from "./buildx-builder.ts";
import { type NamedBuilder, refuseWithoutRegistry } from "./buildx-refusals.ts";
import { cacheOption } from "./cache-options.ts";
import type { BuildOrder, Built, Driver, FoundEngine, Lent, OpenEngine } from "./driver.ts";
import { engineVanished } from "./engine-vanished.ts";
import { readLogins } from "./read-logins.ts";
import { builderRemedies } from "./remedies.ts";

/** docker buildx, with whichever builder is named or in use: a container, a cluster's, a remote buildkitd, an engine. */
export const buildxDriver: Driver = {
  name: "buildx",
  async find(search) {
    const { buildx, version } = await findBuildx(search);
    const builder = await findBuilder(buildx, builderName(search.options, search.environment), search);
    const store = await storeEngine(search);
    const { name, driver, platforms } = builder;
    const found: FoundEngine = {
      name: "buildx",
      version,
      platform: platforms[0] ?? "linux/amd64",
      detail: `builder ${name} (${driver}, ${platforms.slice(0, 4).join(", ")})`,
      abilities: builderAbilities(builder, store, search.environment),
      findImage: async (image, signal) => store?.findImage(image, signal),
      open: (lent) => openBuildx({ buildx, builder: name, hasStore: driver === "docker" }, lent),
    };
    return found;
  },
};

/** The plugin, or the program by itself. */
async function findBuildx(
  question: Question,
): Promise<Readonly<{ buildx: readonly string[]; version: string }>> {
  const plugin = ["docker", "buildx"];
  try {
    return { buildx: plugin, version: await versionOf(plugin, question) };
  } catch (error) {
    if (question.signal.aborted) throw error;
    const program = ["docker-buildx"];
    return { buildx: program, version: await versionOf(program, question) };
  }
}

async function versionOf(buildx: readonly string[], question: Question): Promise<string> {
  return versionIn((await askTool([...buildx, "version"], question)).stdout);
}

type Buildx = NamedBuilder & Readonly<{ buildx: readonly string[] }>;
type Place = Buildx & Readonly<{ files: ToolFiles; environment: Environment; lent: Lent }>;

async function openBuildx(buildx: Buildx, lent: Lent): Promise<OpenEngine> {
  refuseWithoutRegistry(buildx, lent);
  const files = await createToolFiles();
  const logins = await readLogins(lent, "push");
  const environment = await writeDockerFolder(files, lent.environment, logins);
  const place = { ...buildx, files, environment, lent };
  return {
    build: (order) => build(place, order),
    baseConfig: (base, platform) => baseConfig(place, base, platform),
    close: () => files.remove(),
  };
}

async function build(place: Place, order: BuildOrder): Promise<Built> {
  const { lent, files } = place;
  const { destination, force, services, reference } = lent.request;
  try {
    await runBuild(place, order);
  } catch (error) {
    // Where a tag cannot be moved and is there, somebody else built the image meanwhile.
    if (force || !ImageSpecError.isInstance(error) || error.code !== "PUSH_TAG_IMMUTABLE") throw error;
    const existence = await services.inspect(reference);
    if (existence.verdict !== "present") throw error;
    return { digest: existence.image.digest, isPushed: true };
  }
  const built = await readMetadata(files);
  if (built === undefined) throw engineVanished("buildx", order.image);
  return destination === "registry" ? { ...built, isPushed: true } : { localId: built.localId };
}

async function runBuild(place: Place, order: BuildOrder): Promise<void> {
  const { files, environment, lent } = place;
  const secrets = await writeSecrets(files, lent.secrets);
  const secretOptions = secrets.flatMap(({ id, path }) => ["--secret", `"id=${id}","src=${path}"`]);
  await runBuildTool(order, {
    command: [...buildCommand(place, order), ...secretOptions, "-"],
    environment: { ...environment, ...order.proxies, ...timesOf(lent) },
    endedBy: "interrupt",
    reader: new RawProgress(),
    remedies: builderRemedies(place.builder),
    explain: (message) => explainPush(lent.request.reference, message),
  });
}

/** A step that fails may have any words in its command. */
function explainPush(reference: string, message: string): ImageSpecError | undefined {
  const isStep = /did not complete successfully|executor failed running/.test(message);
  if (isStep || !/failed to push|pushing |exporting to image.*push/i.test(message)) return undefined;
  return pushFailure(reference, message, "buildkitd").error;
}

function buildCommand(place: Place, order: BuildOrder): readonly string[] {
  const { buildx, builder, files, lent } = place;
  const { cacheFrom = [], cacheTo = [] } = lent.request.options;
  const names = Object.keys({ ...order.proxies, ...order.buildArguments, ...timesOf(lent) });
  return [
    ...[...buildx, "build", "--builder", builder, "--progress=rawjson"],
    ...["--metadata-file", files.path("metadata"), "--platform", order.platforms.join(",")],
    ...attestOptions(lent.request.options),
    ...["--output", outputOf(place, order)],
    ...(order.noCache ? ["--no-cache"] : []),
    ...cacheFrom.flatMap((cache) => ["--cache-from", cacheOption(cache)]),
    ...cacheTo.flatMap((cache) => ["--cache-to", cacheOption(cache)]),
    // Without a value it is that of the variable: arguments are read by everybody.
    ...names.flatMap((name) => ["--build-arg", name]),
  ];
}

function timesOf({ request }: Lent): Readonly<Record<string, string>> {
  const { sourceDateEpoch } = request.options;
  return sourceDateEpoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(sourceDateEpoch) };
}

/** Pushed with the build, or handed to the engine whose store counts. */
function outputOf({ lent: { request }, hasStore }: Place, { reference, image }: BuildOrder): string {
  const { destination, plan, options } = request;
  const name = `"name=${reference ?? image}"`;
  // An engine unpacks into its own store what it builds, and cannot do both.
  const rewrite = options.sourceDateEpoch === undefined || hasStore ? [] : ["rewrite-timestamp=true"];
  if (destination === "local") return ["type=docker", name, ...rewrite].join(",");
  const insecure = plan.destination.insecure ? ["registry.insecure=true"] : [];
  return ["type=image", name, "push=true", ...insecure, ...rewrite].join(",");
}

async function readMetadata(files: ToolFiles): Promise<Built | undefined> {
  const text = await files.read("metadata");
  if (text === undefined) return undefined;
  const metadata: Readonly<Record<string, unknown>> = JSON.parse(text);
  return {
    digest: textOf(metadata, "containerimage.digest"),
    localId: textOf(metadata, "containerimage.config.digest"),
    mediaType: textOf(metadata["containerimage.descriptor"], "mediaType"),
  };
}

/** From the registry, in which a builder that is no engine has all its bases. */
async function baseConfig(
  { buildx, builder, environment, lent }: Place,
  base: string,
  platform: string,
): Promise<ImageConfig> {
  const { request } = lent;
  const { exitCode, stdout, stderr } = await runTool({
    command: [...buildx, "imagetools", "inspect", "--builder", builder, "--format", "{{json .Image}}", base],
    environment,
    endedBy: "interrupt",
    signal: request.signal,
  });
  if (exitCode === 0) return configFor(JSON.parse(stdout), platform);
  const said = stderr.trim().replace(/^ERROR: /, "");
  const failed = { reference: base, image: request.reference, field: "baseImage", said };
  const fault = baseImageFailure(failed, platform);
  if (fault !== undefined) throw fault;
  throw new ImageSpecError("BUILD_FAILED", `buildx cannot tell of the base: ${said}`, {
    field: "baseImage",
    image: request.reference,
    hint: `docker buildx imagetools inspect ${base}`,
  });
}

/** An index is told by platform, a single image as it is. */
function configFor(answer: Readonly<Record<string, unknown>>, platform: string): ImageConfig {
  return imageConfigOf(answer.config === undefined ? (answer[platform] ?? {}) : answer);
}
