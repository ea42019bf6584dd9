import type { BuilderHelpers, HelperImage, PlanInput } from "../builder/builder.ts";
import type { AnyBuilder, BuilderRegistry } from "../builder/builder-registry.ts";
import { builderFault } from "../builder/guard-builder.ts";
import { parseBuilderOptions } from "../engine/builder-options.ts";
import type { RegistryQuery } from "../engine/registry-service.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { recipe } from "../plan/resolve-plan.ts";
import type { ResolvedImage } from "../plan/resolved-image.ts";
import { formatImageReference, parseImageReference } from "../reference/image-reference.ts";
import { lockable } from "./parse-lock.ts";

/** An image that builds start from or take tools from, by a name that may mean another image tomorrow. */
export type NeededImage = Readonly<{
  /** Canonical, with a tag and without a digest. */
  reference: string;
  platforms: ReadonlySet<string>;
  /** Who needs it first: the name of an image, and the field of its spec. */
  usedBy: string;
  field: string;
  /** How to ask a registry for it. */
  query: RegistryQuery;
}>;

/** What a lock has to hold for some images. */
export type LockNeeds = Readonly<{
  recipe: number;
  /** Versions by builder and tool. */
  tools: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** By reference. */
  images: ReadonlyMap<string, NeededImage>;
}>;

/** Whoever may build it: which one does must not depend on what is installed where the lock is made. */
async function possibleBuilders(
  { plan }: ResolvedImage,
  builders: BuilderRegistry,
): Promise<readonly AnyBuilder[]> {
  if (plan.builder !== undefined) return [await builders.get(plan.builder)];
  return builders.list().filter(({ name }) => builders.isCandidate(name));
}

/** Plain http is allowed for the host that the spec pushes to, and for no other one. */
function queryFor(reference: string, { plan, registryConfig }: ResolvedImage): RegistryQuery {
  const { registry, insecure } = plan.destination;
  const isOwn = registry?.split("/")[0] === parseImageReference(reference).host;
  return { registryConfig, ...(insecure && isOwn && { insecure }) };
}

/** What is written has to be read again. */
function notLockable(builder: string, what: string): ImageSpecError {
  return builderFault(builder, "helpers", new Error(`no lock can hold ${JSON.stringify(what.slice(0, 80))}`));
}

function canonicalName(builder: string, name: string): string {
  try {
    return formatImageReference(parseImageReference(name));
  } catch (error) {
    if (ImageSpecError.isInstance(error)) throw notLockable(builder, name);
    throw error;
  }
}

/** Collects what images need, each once. */
class Needs {
  readonly images = new Map<string, NeededImage>();
  readonly tools = new Map<string, Map<string, string>>();

  /** `name` is canonical. */
  addImage({ name: reference, field }: HelperImage, image: ResolvedImage): void {
    if (reference.includes("@")) return;
    const known = this.images.get(reference);
    const platforms = new Set([...(known?.platforms ?? []), ...image.plan.platforms]);
    const usedBy = image.plan.destination.name;
    const query = queryFor(reference, image);
    this.images.set(reference, { reference, usedBy, field, query, ...known, platforms });
  }

  addHelpers(builder: string, { images = [], tools = {} }: BuilderHelpers, image: ResolvedImage): void {
    for (const { name, field } of images) this.addImage({ name: canonicalName(builder, name), field }, image);
    const versions = this.tools.get(builder) ?? new Map<string, string>();
    for (const [tool, version] of Object.entries(tools)) {
      const fits = lockable.toolName(tool) && typeof version === "string" && lockable.version(version);
      if (!fits) throw notLockable(builder, `${tool} ${version}`);
      versions.set(tool, version);
    }
    if (versions.size > 0) this.tools.set(builder, versions);
  }
}

async function addNeeds(needs: Needs, image: ResolvedImage, builders: BuilderRegistry): Promise<void> {
  const { plan } = image;
  if (image.base) await addNeeds(needs, image.base, builders);
  if (plan.base.kind === "reference") {
    needs.addImage({ name: plan.base.reference, field: "baseImage" }, image);
  }
  for (const builder of await possibleBuilders(image, builders)) {
    const options = await parseBuilderOptions(builder, image.options[builder.name] ?? {});
    const input: PlanInput<unknown> = { plan, options, bases: new Map() };
    needs.addHelpers(builder.name, builder.helpers?.(input) ?? {}, image);
  }
}

/**
 * What a lock has to hold for these images: their bases, those of nested specs too, and what their builders bring
 * along. What is named by digest already is not among it.
 *
 * @throws ImageSpecError `BUILDER_NOT_INSTALLED`, `BUILDER_LOAD_FAILED`, `BUILDER_OPTIONS`
 */
export async function lockNeeds(
  images: readonly ResolvedImage[],
  builders: BuilderRegistry,
): Promise<LockNeeds> {
  const needs = new Needs();
  for (const image of images) await addNeeds(needs, image, builders);
  return { recipe, tools: needs.tools, images: needs.images };
}
