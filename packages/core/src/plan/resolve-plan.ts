import path from "node:path";
import { FileDigests } from "../context/digest-files.ts";
import { FileTexts } from "../context/file-texts.ts";
import { type ImageLock, lockedDigests } from "../lock/image-lock.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { parseImageSpec } from "../spec/parse-image-spec.ts";
import type { BasePlan, BuildPlan } from "./build-plan.ts";
import { fingerprint } from "./fingerprint.ts";
import { hostPlatform as thisHost } from "./host-platform.ts";
import { LentFiles } from "./lent-files.ts";
import { type NormalizedSpec, normalizeSpec } from "./normalize-spec.ts";
import { planReference } from "./plan-reference.ts";
import { ownSecrets, planSteps, readSources } from "./plan-steps.ts";
import type { ResolveContext } from "./resolve-context.ts";
import type { ContextSource, ResolvedImage } from "./resolved-image.ts";
import { normalizedId } from "./spec-id.ts";
import { specIssues } from "./spec-issues.ts";

/** Which options of a builder can change the image. Loads the builder only when it is asked. */
export type ReachingOptions = (spec: ImageSpec) => Promise<Readonly<Record<string, unknown>>>;

/** What a spec is resolved against. */
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
  /** Shared with `digests`: each requirements, lock and ignore file is read and parsed once. */
  texts?: FileTexts | undefined;
  /** Default: every option of the builder that the spec names counts. */
  reachingOptions?: ReachingOptions | undefined;
  /** Bases that it holds are taken by digest. Default: none is. */
  lock?: ImageLock | undefined;
  signal?: AbortSignal | undefined;
}>;

/** The version of the recipe: which image a plan means. Frozen; a new number gives every image a new tag. */
export const recipe = 1;

async function everyOption(spec: ImageSpec): Promise<Readonly<Record<string, unknown>>> {
  const all = spec.builderOptions ?? {};
  const named =
    spec.builder === undefined ? Object.entries(all) : [[spec.builder, all[spec.builder]] as const];
  return Object.fromEntries(named.filter(([, options]) => options && Object.keys(options).length > 0));
}

function referenceBase(reference: string, lock: ImageLock | undefined): BasePlan {
  const digest = lock?.images.get(reference)?.digest;
  return { kind: "reference", reference, ...(digest !== undefined && { digest }) };
}

async function resolveBase(
  normal: NormalizedSpec,
  options: ResolveOptions,
): Promise<{ plan: BasePlan; image?: ResolvedImage }> {
  if (typeof normal.base === "string") return { plan: referenceBase(normal.base, options.lock) };
  const image = await resolveImage(normal.base, { ...options, name: undefined, platforms: normal.platforms });
  return { plan: { kind: "image", reference: image.reference, plan: image.plan }, image };
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
  const texts = options.texts ?? new FileTexts(digests);
  const shared = { ...options, cwd: directory, digests, texts };
  const normal = normalizeSpec(spec, { ...options, hostPlatform: options.hostPlatform ?? thisHost });
  const sources = new Map<string, ContextSource>();
  const lent = new LentFiles(spec, directory);
  const context: ResolveContext = { directory, digests, texts, sources, lent, signal: options.signal };
  const parts = await readSources(spec, normal, context);
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
    secrets: ownSecrets(parts),
    registryConfig: spec.registryConfig && path.resolve(directory, spec.registryConfig),
    directory,
    options: spec.builderOptions ?? {},
    ...(options.lock && { pins: lockedDigests(options.lock) }),
    issues: [...(parts.project?.issues ?? []), ...specIssues(spec, normal.packages)],
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
