import path from "node:path";
import { split } from "shlex";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { formatImageReference, parseImageReference } from "../reference/image-reference.ts";
import { normalizePlatform } from "../reference/platform.ts";
import { isLoopbackHost } from "../reference/reference-grammar.ts";
import { parseRegistryPrefix } from "../reference/registry-prefix.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { stripUrlCredentials, type UrlCredential } from "../spec/url-credentials.ts";
import type { ImageDestination, IndexOptions, KnownStep } from "./build-plan.ts";
import { asList, inField, sortedRecord, sortedSet, unique } from "./normal-values.ts";

/** What a spec says by itself, without a look at any disk. */
export type NormalizedSpec = Readonly<{
  destination: ImageDestination;
  base: string | ImageSpec;
  platforms: readonly string[];
  workDirectory: string;
  /** Steps that need no file, by kind. */
  steps: readonly KnownStep[];
  packages: readonly string[];
  index: IndexOptions;
  lockTool: "uv" | "poetry" | "pyproject" | undefined;
  installProject: boolean;
  /** Taken out of the URLs of the fields. */
  credentials: readonly UrlCredential[];
}>;

export type NormalizeOptions = Readonly<{
  /** The name of a spec that has none. */
  name?: string | undefined;
  /** For a spec that names no platform; a nested base is built for those of the image on it. */
  platforms?: readonly string[] | undefined;
  /** This machine's, as `linux/arm64`. */
  hostPlatform: string;
}>;

/** Python of images without baseImage and pythonVersion. Part of the recipe. */
const defaultPython = "3.12";
const defaultWorkDirectory = "/root";

function destinationOf(spec: ImageSpec, options: NormalizeOptions): ImageDestination {
  const prefix = spec.registry ? inField("registry", () => parseRegistryPrefix(spec.registry!)) : undefined;
  return {
    name: (spec.name ?? options.name ?? "imagespec").toLowerCase(),
    registry: prefix?.canonical,
    insecure: prefix?.insecure || undefined,
    tagFormat: spec.tagFormat,
  };
}

function isLocal(spec: ImageSpec, { registry }: ImageDestination): boolean {
  if (spec.builder === "union") return false;
  return registry === undefined || isLoopbackHost(registry.split("/")[0]!);
}

function platformsOf(spec: ImageSpec, destination: ImageDestination, options: NormalizeOptions): string[] {
  const asked = asList(spec.platform);
  if (asked.length > 0)
    return sortedSet(asked.map((one) => inField("platform", () => normalizePlatform(one))));
  if (options.platforms) return [...options.platforms];
  return [isLocal(spec, destination) ? options.hostPlatform : "linux/amd64"];
}

function canonicalBase(reference: string): string {
  const parsed = inField("baseImage", () => parseImageReference(reference));
  return formatImageReference(parsed.digest === undefined ? parsed : { ...parsed, tag: undefined });
}

function pythonVersionOf(spec: ImageSpec): string | undefined {
  return spec.pythonVersion ?? (spec.baseImage === undefined ? defaultPython : undefined);
}

function baseOf(spec: ImageSpec): string | ImageSpec {
  if (spec.baseImage === undefined) return `docker.io/library/python:${pythonVersionOf(spec)}-slim-bookworm`;
  return typeof spec.baseImage === "string" ? canonicalBase(spec.baseImage) : spec.baseImage;
}

function extraArguments(value: ImageSpec["pipExtraArgs"]): readonly string[] {
  if (typeof value !== "string") return value ?? [];
  try {
    return split(value);
  } catch (cause) {
    throw new ImageSpecError("SPEC_INVALID", "a quote in pipExtraArgs is not closed", {
      field: "pipExtraArgs",
      hint: "write the arguments as a list",
      cause,
    });
  }
}

function lockToolOf(requirements: string | undefined): NormalizedSpec["lockTool"] {
  if (requirements === undefined) return undefined;
  const tools = { "uv.lock": "uv", "poetry.lock": "poetry", "pyproject.toml": "pyproject" } as const;
  const name = path.basename(requirements);
  return Object.hasOwn(tools, name) ? tools[name as keyof typeof tools] : undefined;
}

function imageDirectory(directory: string): string {
  return path.posix.resolve("/", directory);
}

function earlySteps(spec: ImageSpec): (KnownStep | false)[] {
  const apt = sortedSet(spec.aptPackages ?? []);
  const conda = sortedSet(spec.condaPackages ?? []);
  const channels = unique(spec.condaChannels ?? []);
  const version = pythonVersionOf(spec);
  return [
    (spec.cuda !== undefined || spec.cudnn !== undefined) && {
      kind: "cuda",
      cuda: spec.cuda,
      cudnn: spec.cudnn,
    },
    apt.length > 0 && { kind: "apt", packages: apt },
    (version !== undefined || spec.pythonExec !== undefined) && {
      kind: "python",
      version,
      executable: spec.pythonExec,
    },
    (conda.length > 0 || channels.length > 0) && { kind: "conda", packages: conda, channels },
  ];
}

function lateSteps(spec: ImageSpec): (KnownStep | false)[] {
  const variables = sortedRecord(spec.env ?? {});
  const extraPath = unique(spec.extraPath ?? []);
  const labels = sortedRecord(spec.labels ?? {});
  return [
    (Object.keys(variables).length > 0 || extraPath.length > 0) && {
      kind: "environment",
      variables,
      extraPath,
    },
    (spec.commands ?? []).length > 0 && { kind: "commands", commands: spec.commands! },
    spec.entrypoint !== undefined && { kind: "entrypoint", arguments: spec.entrypoint },
    Object.keys(labels).length > 0 && { kind: "labels", labels },
  ];
}

function packagesAndIndex(spec: ImageSpec): Pick<NormalizedSpec, "packages" | "index" | "credentials"> {
  const credentials: UrlCredential[] = [];
  const strip = (value: string): string => {
    const stripped = stripUrlCredentials(value);
    credentials.push(...stripped.credentials);
    return stripped.text;
  };
  const index = {
    index: spec.pipIndex === undefined ? undefined : strip(spec.pipIndex),
    extraIndexes: unique(asList(spec.pipExtraIndexUrl).map(strip)),
    extraArguments: extraArguments(spec.pipExtraArgs).map(strip),
  };
  const packages = sortedSet((spec.packages ?? []).map((one) => strip(one.trim())));
  return { packages, index, credentials };
}

/**
 * A validated spec in the form in which order, repetition, spelling and defaults no longer matter.
 *
 * @throws ImageSpecError `REGISTRY_PREFIX_INVALID`, `REFERENCE_INVALID`, `PLATFORM_INVALID`, `SPEC_INVALID`,
 * `SPEC_PACKAGES_WITH_LOCK`
 */
export function normalizeSpec(spec: ImageSpec, options: NormalizeOptions): NormalizedSpec {
  const destination = destinationOf(spec, options);
  const lockTool = lockToolOf(spec.requirements);
  const described = packagesAndIndex(spec);
  if (described.packages.length > 0 && (lockTool === "uv" || lockTool === "poetry")) {
    throw new ImageSpecError("SPEC_PACKAGES_WITH_LOCK", "packages cannot stand beside a lock file", {
      field: "packages",
      hint: `add them to the project and lock again: ${lockTool} add ${described.packages.join(" ")}`,
    });
  }
  return {
    ...described,
    destination,
    base: baseOf(spec),
    platforms: platformsOf(spec, destination, options),
    workDirectory: imageDirectory(spec.workDirectory ?? defaultWorkDirectory),
    steps: [...earlySteps(spec), ...lateSteps(spec)].filter((step) => step !== false),
    lockTool,
    installProject: spec.installProject === true && lockTool !== undefined,
  };
}
