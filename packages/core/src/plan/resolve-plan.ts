import path from "node:path";
import type { Issue } from "../builder/builder.ts";
import { FileDigests } from "../context/digest-files.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { parseImageSpec } from "../spec/parse-image-spec.ts";
import { isRequirement } from "../spec/requirement.ts";
import { formatNetrc, type UrlCredential } from "../spec/url-credentials.ts";
import type { BasePlan, BuildPlan, KnownStep, RequirementsStep, SecretMount } from "./build-plan.ts";
import { resolveCopy, resolveSource } from "./files-step.ts";
import { fingerprint } from "./fingerprint.ts";
import { hostPlatform as thisHost } from "./host-platform.ts";
import { type NormalizedSpec, normalizeSpec } from "./normalize-spec.ts";
import { planReference } from "./plan-reference.ts";
import { type ResolvedProject, resolveProject } from "./project-step.ts";
import { type ResolvedRequirements, resolveRequirements } from "./requirements-step.ts";
import type { ResolveContext } from "./resolve-context.ts";
import type { ContextSource, ResolvedImage } from "./resolved-image.ts";
import { normalizedId } from "./spec-id.ts";

/** Which options of a builder can change the image. Loads the builder only when it is asked. */
export type ReachingOptions = (spec: ImageSpec) => Promise<Readonly<Record<string, unknown>>>;

export type ResolveOptions = Readonly<{
  /** What relative paths are relative to. Default: the working directory of the process. */
  cwd?: string | undefined;
  /** The name of a spec that has none, such as its key in a file. Default: `imagespec`. */
  name?: string | undefined;
  /** Platforms of a spec that names none; a nested base takes those of the image on it. */
  platforms?: readonly string[] | undefined;
  /** This machine's platform, `linux/arm64`. Default: as it is. */
  hostPlatform?: string | undefined;
  /** Shared by several calls, each file is read once. */
  digests?: FileDigests | undefined;
  /** Default: every option of the builder that the spec names counts. */
  reachingOptions?: ReachingOptions | undefined;
  signal?: AbortSignal | undefined;
}>;

/** The version of the recipe: which image a plan means. Frozen; a new number gives every image a new tag. */
const recipe = 1;

/** The id under which the logins that were taken out of URLs are lent to builders. */
export const netrcSecretId = "imagespec-netrc";

async function everyOption(spec: ImageSpec): Promise<Readonly<Record<string, unknown>>> {
  const all = spec.builderOptions ?? {};
  const named =
    spec.builder === undefined ? Object.entries(all) : [[spec.builder, all[spec.builder]] as const];
  return Object.fromEntries(named.filter(([, options]) => options && Object.keys(options).length > 0));
}

function secretMounts(spec: ImageSpec, credentials: readonly UrlCredential[]): SecretMount[] {
  const mounts = (spec.pipSecretMounts ?? []).map(([id, target]): SecretMount => {
    const kind = target.startsWith("/") ? "file" : "variable";
    return { id, target: target === "" ? id : target, kind };
  });
  return credentials.length > 0 ? [...mounts, { id: netrcSecretId, target: "", kind: "netrc" }] : mounts;
}

type Sources = Readonly<{
  spec: ImageSpec;
  normal: NormalizedSpec;
  project: ResolvedProject | undefined;
  requirements: ResolvedRequirements | undefined;
  secrets: readonly SecretMount[];
}>;

function requirementsStep({ normal, requirements, secrets }: Sources): RequirementsStep | undefined {
  const files = requirements?.files.some(({ lines }) => lines.length > 0) ? requirements.files : [];
  const { index } = normal;
  const hasIndex = index.index !== undefined || index.extraIndexes.length + index.extraArguments.length > 0;
  const isAlone = normal.lockTool === undefined;
  if (files.length === 0 && normal.packages.length === 0 && !(isAlone && hasIndex)) return undefined;
  return {
    kind: "requirements",
    files,
    packages: normal.packages,
    local: requirements?.local ?? [],
    index,
    secrets,
  };
}

const order: readonly KnownStep["kind"][] = [
  "cuda",
  "apt",
  "python",
  "environment",
  "conda",
  "requirements",
  "project",
  "files",
  "commands",
  "entrypoint",
  "labels",
];

function inOrder(steps: readonly (KnownStep | undefined)[]): KnownStep[] {
  return steps
    .filter((step) => step !== undefined)
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

function packageIssues(packages: readonly string[]): Issue[] {
  return packages
    .filter((one) => !isRequirement(one))
    .map((one) => ({
      code: "SPEC_NOT_A_REQUIREMENT",
      severity: "error",
      field: "packages",
      message: `${JSON.stringify(one)} is not a requirement as PEP 508 has them`,
      hint: 'write a name and a version: "numpy>=2"; options belong into pipExtraArgs',
    }));
}

function expansionWarnings(spec: ImageSpec): Issue[] {
  return Object.entries(spec.env ?? {})
    .filter(([, value]) => /\$(\w|\{)/.test(value))
    .map(([name]) => ({
      code: "SPEC_ENV_LITERAL",
      severity: "warning",
      field: `env.${name}`,
      message: "the $ in its value is literal: no variable is filled in",
    }));
}

async function resolveSources(
  spec: ImageSpec,
  normal: NormalizedSpec,
  context: ResolveContext,
): Promise<Sources> {
  const { lockTool: tool, installProject } = normal;
  const file = spec.requirements;
  const project =
    file !== undefined && tool !== undefined
      ? await resolveProject({ tool, file, installProject }, context)
      : undefined;
  const requirements =
    file !== undefined && tool === undefined ? await resolveRequirements(file, context) : undefined;
  const credentials = [...normal.credentials, ...(requirements?.credentials ?? [])];
  return { spec, normal, project, requirements, secrets: secretMounts(spec, credentials) };
}

function netrcSecret({ normal, requirements }: Sources): [string, Uint8Array][] {
  const credentials = [...normal.credentials, ...(requirements?.credentials ?? [])];
  return credentials.length > 0 ? [[netrcSecretId, Buffer.from(formatNetrc(credentials))]] : [];
}

async function resolveBase(
  normal: NormalizedSpec,
  options: ResolveOptions,
): Promise<{ plan: BasePlan; image?: ResolvedImage }> {
  if (typeof normal.base === "string") return { plan: { kind: "reference", reference: normal.base } };
  const image = await resolveImage(normal.base, { ...options, name: undefined, platforms: normal.platforms });
  return { plan: { kind: "image", reference: image.reference, plan: image.plan }, image };
}

async function planSteps(parts: Sources, context: ResolveContext): Promise<readonly KnownStep[]> {
  const { spec, normal, project } = parts;
  const source = await resolveSource(spec, normal.workDirectory, context);
  const copy = await resolveCopy(spec, normal.workDirectory, context);
  const projectStep = project && { ...project.part, index: normal.index, secrets: parts.secrets };
  return inOrder([...normal.steps, requirementsStep(parts), projectStep, source, copy]);
}

/**
 * A plan and what stays on this machine: where its files lie and which secrets were taken out of the spec. Reads the
 * disk; asks no network and no builder's opinion.
 *
 * @throws ImageSpecError for a spec, reference, platform or path that is wrong; see `docs/errors.md`
 */
export async function resolveImage(input: ImageSpec, options: ResolveOptions = {}): Promise<ResolvedImage> {
  const spec = parseImageSpec(input);
  const directory = path.resolve(options.cwd ?? process.cwd());
  const digests = options.digests ?? new FileDigests();
  const shared = { ...options, cwd: directory, digests };
  const normal = normalizeSpec(spec, { ...options, hostPlatform: options.hostPlatform ?? thisHost });
  const sources = new Map<string, ContextSource>();
  const context: ResolveContext = { directory, digests, sources, signal: options.signal };
  const parts = await resolveSources(spec, normal, context);
  const base = await resolveBase(normal, shared);
  const plan: BuildPlan = {
    recipe,
    destination: normal.destination,
    builder: spec.builder,
    base: base.plan,
    platforms: normal.platforms,
    workDirectory: normal.workDirectory,
    steps: await planSteps(parts, context),
    builderOptions: await (options.reachingOptions ?? everyOption)(spec),
    id: normalizedId(normal),
  };
  const hash = fingerprint(plan);
  return {
    plan,
    fingerprint: hash,
    reference: planReference(plan, hash),
    base: base.image,
    sources,
    secrets: new Map(netrcSecret(parts)),
    registryConfig: spec.registryConfig && path.resolve(directory, spec.registryConfig),
    directory,
    options: spec.builderOptions ?? {},
    issues: [...(parts.project?.issues ?? []), ...packageIssues(normal.packages), ...expansionWarnings(spec)],
  };
}

/**
 * The plan of a spec: every path replaced by the digest of what lies there, every default filled in.
 *
 * @throws ImageSpecError as `resolveImage`
 */
export async function resolvePlan(spec: ImageSpec, options: ResolveOptions = {}): Promise<BuildPlan> {
  return (await resolveImage(spec, options)).plan;
}
