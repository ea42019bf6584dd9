import { type AnyBuilder, BuilderRegistry, builderPackage, ImageSpecError, noop } from "@imagespec/core";
import { docker } from "@imagespec/docker";
import type { BuilderEntry } from "../config/image-spec-config.ts";
import type { BuilderSearch } from "./builder-search.ts";
import { findBuilder, loadBuilderPackage } from "./find-builder.ts";
import { notForEver } from "./patient-builder.ts";

/** flytekit's, for a builder that is registered without one. */
const listedPriority = 5;

/** Chosen by name alone, even where the config lists them. */
const onlyByName = new Set(["noop", "union", "oci"]);
/** Their priorities are core's. */
const ranked = new Set(["docker", "envd"]);

/** What a config lists, and how the user calls the config. */
export type ListedBuilders = Readonly<{ entries: readonly BuilderEntry[]; file: string }>;

type Listed = Readonly<{ builder: AnyBuilder; origin: string }>;

function notInstalled(name: string): ImageSpecError {
  return new ImageSpecError("BUILDER_NOT_INSTALLED", `the package ${name} is not installed`, {
    field: "builders",
    hint: `npm install ${name}`,
  });
}

async function loadNamed(entry: string, search: BuilderSearch): Promise<Listed> {
  const isPackage = entry.startsWith("@") || entry.startsWith("imagespec-builder-");
  const origin = isPackage ? entry : builderPackage(entry);
  const exportName = isPackage ? entry.replace(/^.*\/|^imagespec-builder-/, "") : entry;
  const builder = entry === "docker" ? docker() : await loadBuilderPackage(origin, exportName, search);
  if (builder) return { builder, origin };
  throw notInstalled(origin);
}

function makeBuilder(factory: () => AnyBuilder, file: string, field: string): AnyBuilder {
  try {
    return factory();
  } catch (cause) {
    if (ImageSpecError.isInstance(cause)) throw cause;
    const message = `it makes no builder: ${cause instanceof Error ? cause.message : String(cause)}`;
    const hint = "see where it comes from: run again with --debug";
    throw new ImageSpecError("BUILDER_LOAD_FAILED", message, { file, field, hint, cause });
  }
}

async function makeListed(
  entry: BuilderEntry,
  { file, field, search }: Readonly<{ file: string; field: string; search: BuilderSearch }>,
): Promise<Listed> {
  if (typeof entry === "string") return loadNamed(entry, search);
  const builder = typeof entry === "function" ? makeBuilder(entry, file, field) : entry;
  return { builder, origin: `${field} of ${file}` };
}

function priorityOf({ name }: AnyBuilder): number | undefined {
  return onlyByName.has(name) || ranked.has(name) ? undefined : listedPriority;
}

async function load(name: string, search: BuilderSearch): Promise<AnyBuilder | undefined> {
  const builder = await findBuilder(name, search);
  return builder && notForEver(builder);
}

/**
 * Docker and noop, and what the config lists; any other builder is loaded when a spec names it.
 *
 * @throws ImageSpecError `BUILDER_NOT_INSTALLED`, `BUILDER_LOAD_FAILED`, `BUILDER_INTERFACE` for what the config lists
 */
export async function registerBuilders(
  { entries, file }: ListedBuilders,
  search: BuilderSearch,
): Promise<BuilderRegistry> {
  const registry = new BuilderRegistry({ load: (name) => load(name, search) });
  registry.register(docker()).register(noop());
  for (const [index, entry] of entries.entries()) {
    const listed = await makeListed(entry, { file, field: `builders[${index}]`, search });
    // Checked as it is, before anything is asked of it.
    registry.register(listed.builder, { origin: listed.origin });
    const builder = notForEver(listed.builder);
    registry.register(builder, { priority: priorityOf(builder) });
  }
  return registry;
}
