import { type AnyBuilder, BuilderRegistry, builderPackage, ImageSpecError, noop } from "@imagespec/core";
import { docker } from "@imagespec/docker";
import type { BuilderEntry } from "../config/image-spec-config.ts";
import { type BuilderSearch, findBuilder, loadBuilderPackage } from "./find-builder.ts";

/** flytekit's, for a builder that is registered without one. */
const listedPriority = 5;

/** Chosen by name alone, even where the config lists them. */
const onlyByName = new Set(["noop", "union", "oci"]);
/** Their priorities are core's. */
const ranked = new Set(["docker", "envd"]);

function notInstalled(name: string): ImageSpecError {
  return new ImageSpecError("BUILDER_NOT_INSTALLED", `the package ${name} is not installed`, {
    field: "builders",
    hint: `npm install ${name}`,
  });
}

async function loadNamed(entry: string, search: BuilderSearch): Promise<AnyBuilder> {
  const isPackage = entry.startsWith("@") || entry.startsWith("imagespec-builder-");
  const name = isPackage ? entry : builderPackage(entry);
  const exportName = isPackage ? entry.replace(/^.*\/|^imagespec-builder-/, "") : entry;
  const builder = entry === "docker" ? docker() : await loadBuilderPackage(name, exportName, search);
  if (builder) return builder;
  throw notInstalled(name);
}

async function makeListed(entry: BuilderEntry, search: BuilderSearch): Promise<AnyBuilder> {
  if (typeof entry === "string") return loadNamed(entry, search);
  return typeof entry === "function" ? entry() : entry;
}

function priorityOf({ name }: AnyBuilder): number | undefined {
  return onlyByName.has(name) || ranked.has(name) ? undefined : listedPriority;
}

/**
 * Docker and noop, and what the config lists; any other builder is loaded when a spec names it.
 *
 * @throws ImageSpecError `BUILDER_NOT_INSTALLED`, `BUILDER_LOAD_FAILED`, `BUILDER_INTERFACE` for what the config lists
 */
export async function registerBuilders(
  listed: readonly BuilderEntry[],
  search: BuilderSearch,
): Promise<BuilderRegistry> {
  const registry = new BuilderRegistry({ load: (name) => findBuilder(name, search) });
  registry.register(docker()).register(noop());
  for (const entry of listed) {
    const builder = await makeListed(entry, search);
    registry.register(builder, { priority: priorityOf(builder) });
  }
  return registry;
}
