import { writeFile } from "node:fs/promises";
import { ImageSpecError, isLoopbackHost, parseImageReference } from "@imagespec/core";
import { MOUNTS } from "../../dockerfile/recipe.ts";
import { keepCacheMounts } from "../cli/cache-mounts.ts";
import { askTool, type Question, versionIn } from "../cli/find-tool.ts";
import { hostPlatform } from "../cli/host-platform.ts";
import { pushWithTool } from "../cli/push-with-tool.ts";
import { runBuildTool } from "../cli/run-build-tool.ts";
import { createToolFiles, type ToolFiles, writeLogins, writeSecrets } from "../cli/tool-files.ts";
import { findToolImage, removeToolImage } from "../cli/tool-image.ts";
import { StepProgress } from "../progress/step-progress.ts";
import { cacheReferences } from "./cache-options.ts";
import { containersAbilities } from "./containers-abilities.ts";
import { containersDockerfile } from "./containers-dockerfile.ts";
import type { BuildOrder, Built, Driver, FoundEngine, Lent, OpenEngine } from "./driver.ts";
import { engineVanished } from "./engine-vanished.ts";
import { forgottenContainers } from "./forgotten-containers.ts";
import { readLogins } from "./read-logins.ts";
import { remediesOf } from "./remedies.ts";

type Program = "buildah" | "podman";

export const buildahDriver: Driver = {
  name: "buildah",
  find: (search) => findProgram("buildah", search),
};

export const podmanCliDriver: Driver = {
  name: "podman-cli",
  find: (search) => findProgram("podman", search),
};

async function findProgram(program: Program, question: Question): Promise<FoundEngine> {
  const { stdout } = await askTool([program, "--version"], question);
  const version = versionIn(stdout);
  const platform = hostPlatform();
  const ask = (signal: AbortSignal): Question => ({ environment: question.environment, signal });
  return {
    name: program === "buildah" ? "buildah" : "podman-cli",
    version,
    platform,
    detail: `${program} ${version} (${platform})`,
    abilities: containersAbilities,
    findImage: (name, signal) => findToolImage(inspection(program, name), ask(signal), unframed),
    open: (lent) => openProgram(program, lent),
  };
}

/** Both give the same of an image, buildah in a frame of its own. */
function inspection(program: Program, name: string): readonly string[] {
  return program === "buildah"
    ? ["buildah", "inspect", "--type", "image", name]
    : ["podman", "image", "inspect", name];
}

function unframed(answer: unknown): unknown {
  const { FromImageID, Docker } = answer as Readonly<{ FromImageID?: string; Docker?: BuildahImage }>;
  if (FromImageID === undefined) return answer;
  return { Id: FromImageID, Os: Docker?.os, Architecture: Docker?.architecture, Config: Docker?.config };
}

type BuildahImage = Readonly<{ os?: string; architecture?: string; config?: unknown }>;

async function openProgram(program: Program, lent: Lent): Promise<OpenEngine> {
  const files = await createToolFiles();
  const { environment } = lent;
  await keepCacheMounts(files.folder, environment);
  return {
    build: (order) => build({ program, lent, files }, order),
    push: (order) =>
      pushWithTool(order, {
        environment: environmentOf({ program, lent, files }),
        endedBy: "step",
        command: pushCommand(program, files, order.reference),
        digest: () => files.read("digest"),
        prepare: async (credential) => {
          const { host } = parseImageReference(order.reference);
          await writeLogins(files.path("push.json"), new Map(credential ? [[host, credential]] : []));
        },
      }),
    remove: (id) => removeToolImage([program, "rmi", id], environment),
    close: () => files.remove(),
  };
}

type Place = Readonly<{ program: Program; lent: Lent; files: ToolFiles }>;

/** What a tool puts aside while it works goes with our own files, even where it is killed; but cache mounts stay. */
function environmentOf({ lent, files }: Place): Readonly<Record<string, string | undefined>> {
  return { ...lent.environment, TMPDIR: files.folder };
}

async function build(place: Place, order: BuildOrder): Promise<Built> {
  const { lent, files } = place;
  refuseHiddenMounts(place, order);
  await writeLogins(files.path("auth.json"), await readLogins(lent, "pull"));
  const secrets = await writeSecrets(files, lent.secrets);
  const secretOptions = secrets.flatMap(({ id, path }) => ["--secret", `id=${id},src=${path}`]);
  // By its name alone the one of the working directory would be taken.
  const dockerfile = files.path("Dockerfile");
  await writeFile(dockerfile, await containersDockerfile(order));
  try {
    const printed = await runBuildTool(order, {
      command: [...buildCommand(place, order), ...secretOptions, "--file", dockerfile, "-"],
      // Variables of a proxy reach the steps, and nothing that stays.
      environment: { ...environmentOf(place), ...order.proxies },
      endedBy: "step",
      reader: new StepProgress(),
      remedies: remediesOf(place.program),
    });
    return { localId: builtImage(place, printed, order.image) };
  } catch (error) {
    for (const id of forgottenContainers(error))
      await removeToolImage([place.program, "rm", id], lent.environment);
    throw error;
  }
}

/** These programs print the id of their image at the end. buildah that writes it to a file says of no step that it ended. */
function builtImage({ program }: Place, printed: string, image: string): string {
  const id = printed.match(/^[0-9a-f]{64}$/gm)?.at(-1);
  if (id === undefined) throw engineVanished(program, image);
  return `sha256:${id}`;
}

/** With that isolation these programs mount nothing below /dev, and say nothing of it. */
function refuseHiddenMounts({ program, lent }: Place, { dockerfile, image }: BuildOrder): void {
  if (lent.environment.BUILDAH_ISOLATION !== "chroot" || !dockerfile.includes(`${MOUNTS}/`)) return;
  throw new ImageSpecError(
    "ENGINE_UNSUPPORTED",
    `${program} with the isolation chroot hides what the image's steps are given`,
    { image, hint: "unset BUILDAH_ISOLATION   or export BUILDAH_ISOLATION=rootless" },
  );
}

function buildCommand({ program, lent, files }: Place, order: BuildOrder): readonly string[] {
  const { cacheFrom, cacheTo, sourceDateEpoch } = lent.request.options;
  const caches = (option: string, references: readonly string[]): readonly string[] =>
    references.map((reference) => `--${option}=${reference}`);
  return [
    ...[program, "build", "--layers", "--force-rm"],
    ...[`--authfile=${files.path("auth.json")}`, ...tlsOption(lent.images)],
    ...["--platform", order.platforms.join(",")],
    ...(order.reference === undefined ? [] : ["--tag", order.reference]),
    ...(order.noCache ? ["--no-cache"] : []),
    ...(sourceDateEpoch === undefined ? [] : [`--timestamp=${sourceDateEpoch}`]),
    ...caches("cache-from", cacheReferences(cacheFrom)),
    ...caches("cache-to", cacheReferences(cacheTo)),
    // Without a value it is that of the variable: arguments are read by everybody.
    ...Object.keys(order.buildArguments).flatMap((name) => ["--build-arg", name]),
  ];
}

function pushCommand(program: Program, files: ToolFiles, reference: string): readonly string[] {
  const options = [`--authfile=${files.path("push.json")}`, `--digestfile=${files.path("digest")}`];
  return [program, "push", ...options, ...tlsOption([reference]), reference];
}

/** Docker speaks http to registries on loopback where they do; these have to be told. */
function tlsOption(references: readonly string[]): readonly string[] {
  const isLocal = references.every((reference) => isLoopbackHost(parseImageReference(reference).host));
  return isLocal ? ["--tls-verify=false"] : [];
}
