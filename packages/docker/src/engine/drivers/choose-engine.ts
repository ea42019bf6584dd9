import { ImageSpecError } from "@imagespec/core";
import type { DockerOptions } from "../../options.ts";
import type { Environment } from "../docker-config.ts";
import { isEndpointNamed } from "../endpoint.ts";
import { builderName, builderSource } from "./builder-name.ts";
import type { Driver, FoundEngine, Search } from "./driver.ts";
import { type EngineName, engineNames, isEngineName } from "./engine-name.ts";

/** Each is loaded when it is asked. */
const drivers: Readonly<Record<EngineName, () => Promise<Driver>>> = {
  docker: async () => (await import("./docker-driver.ts")).dockerDriver,
  podman: async () => (await import("./podman-driver.ts")).podmanDriver,
  buildx: async () => (await import("./buildx-driver.ts")).buildxDriver,
  "docker-cli": async () => (await import("./docker-cli-driver.ts")).dockerCliDriver,
  buildah: async () => (await import("./containers-driver.ts")).buildahDriver,
  "podman-cli": async () => (await import("./containers-driver.ts")).podmanCliDriver,
  nerdctl: async () => (await import("./docker-cli-driver.ts")).nerdctlDriver,
  classic: async () => (await import("./classic-driver.ts")).classicDriver,
};

/** Those that go where docker's own command would go. */
const atEndpoint: readonly EngineName[] = ["docker", "podman", "buildx", "docker-cli", "classic"];

/** Which engines may build, and who says so. */
type Choice = Readonly<{ names: readonly EngineName[]; reason: string | undefined }>;

/** An engine, and why it is this one; undefined: it is the first choice. */
export type ChosenEngine<T> = Readonly<{ found: FoundEngine; reason: string | undefined; used: T }>;

/**
 * The first engine that is there and can be used: the one that is forced, else the usual ones in their order, without
 * those elsewhere where the user names an address.
 *
 * @param use tried with each engine that is found; it is the next one's turn where it fails for what the engine lacks
 * @throws ImageSpecError of the engine that is there and cannot do what is asked, else of the first one, with those of the
 *   others in its cause
 */
export async function chooseEngine<T>(
  search: Search,
  use: (found: FoundEngine) => Promise<T>,
): Promise<ChosenEngine<T>> {
  const choice = await choose(search);
  const faults: ImageSpecError[] = [];
  for (const name of choice.names) {
    if (faults.some(isRefusal) && name !== "buildx") continue;
    try {
      const found = await (await drivers[name]()).find(search);
      return { found, used: await use(found), reason: choice.reason ?? faults[0]?.message };
    } catch (error) {
      if (search.signal.aborted || !isPassable(error)) throw error;
      faults.push(error);
    }
  }
  throw withReasons(faults);
}

/** Whatever else goes wrong is no reason to build elsewhere. */
function isPassable(error: unknown): error is ImageSpecError {
  return ImageSpecError.isInstance(error) && (isUnusable(error) || isRefusal(error));
}

/** Why there is no engine. */
function isUnusable({ code }: ImageSpecError): boolean {
  return /^ENGINE_(NOT_FOUND|PERMISSION|TLS|SSH|UNSUPPORTED|NO_BUILDKIT|LOST|ERROR)$/.test(code);
}

/** What an engine cannot do, buildx may be able to, with the same store; others have stores of their own. */
function isRefusal({ code }: ImageSpecError): boolean {
  return code === "PLATFORMS_UNSUPPORTED" || code === "ENGINE_OPTION_UNSUPPORTED";
}

function withReasons(faults: readonly ImageSpecError[]): ImageSpecError {
  const first = faults.find(isRefusal) ?? faults[0];
  if (first === undefined) throw new Error("no engine was asked");
  const others = faults.filter((fault) => fault !== first);
  if (others.length === 0) return first;
  const cause = new AggregateError(others, "no other engine can build either", { cause: first.cause });
  return new ImageSpecError(first.code, first.message, { ...first.details, cause });
}

async function choose({ options, environment }: Search): Promise<Choice> {
  const forced = forcedEngine(options, environment);
  if (forced !== undefined) return forced;
  if (builderName(options, environment) !== undefined) {
    return { names: ["buildx"], reason: `${builderSource(options, environment)} names a builder of buildx` };
  }
  const isNamed = await isEndpointNamed(environment);
  return { names: isNamed ? atEndpoint : engineNames, reason: undefined };
}

/** podman is podman, whether by its socket or by its command. */
function forcedEngine(options: DockerOptions, environment: Environment): Choice | undefined {
  const variable = environment.IMAGESPEC_ENGINE;
  const name = variable || options.engine;
  if (!name) return undefined;
  if (!isEngineName(name)) throw unknownEngine(name);
  const source = variable ? "IMAGESPEC_ENGINE" : "builderOptions.docker.engine";
  return { names: name === "podman" ? ["podman", "podman-cli"] : [name], reason: `${source} says so` };
}

function unknownEngine(name: string): ImageSpecError {
  const hint = `one of ${engineNames.join(", ")}`;
  return new ImageSpecError("ENGINE_UNKNOWN", `IMAGESPEC_ENGINE names ${JSON.stringify(name)}`, { hint });
}
