import { existsSync } from "node:fs";
import path from "node:path";
import { type AnyBuilder, builderPackage, ImageSpecError } from "@imagespec/core";
import { importUrl } from "../import-url.ts";
import { orStandstill } from "../standstill.ts";
import type { BuilderSearch } from "./builder-search.ts";

function loadFault(name: string, why: string, cause?: unknown): ImageSpecError {
  const isMissing = (cause as NodeJS.ErrnoException | undefined)?.code === "ERR_MODULE_NOT_FOUND";
  const hint = isMissing
    ? `install it anew: npm install ${name}`
    : `this is a fault of ${name}: install another version of it, or report it there`;
  return new ImageSpecError("BUILDER_LOAD_FAILED", `${name} does not load: ${why}`, {
    field: "builder",
    hint,
    cause,
  });
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Node itself resolves from the importing file alone, and its `require` passes over packages that have only `import`. */
async function resolvePackage(name: string, search: BuilderSearch): Promise<string | undefined> {
  const { createJiti } = await import("jiti");
  for (const start of search.starts) {
    const url = createJiti(start, { fsCache: false }).esmResolve(name, { try: true });
    if (url !== undefined) return url;
  }
  return undefined;
}

function* foldersAbove(folder: string): Generator<string> {
  for (let current = folder; ; current = path.dirname(current)) {
    yield current;
    if (path.dirname(current) === current) return;
  }
}

/** Where the package lies, importable or not. */
function findFolder(name: string, { folders }: BuilderSearch): string | undefined {
  const places = folders.flatMap((folder) => [...foldersAbove(folder)]);
  return places.map((place) => path.join(place, "node_modules", name)).find((place) => existsSync(place));
}

function callFactory(factory: () => unknown, name: string): unknown {
  try {
    return factory();
  } catch (cause) {
    throw loadFault(name, textOf(cause), cause);
  }
}

/** What is made is looked at as a builder later, by whoever registers it. */
function makeBuilder(factory: unknown, name: string): AnyBuilder {
  if (typeof factory !== "function") throw loadFault(name, "it exports no function that makes a builder");
  const made = callFactory(factory as () => unknown, name);
  if (typeof made === "object" && made !== null) return made as AnyBuilder;
  throw loadFault(name, "the function that it exports makes no builder");
}

/**
 * The builder that a package holds: its default export, or the export with the builder's name, makes it. Undefined
 * when the package is not installed.
 *
 * @throws ImageSpecError `BUILDER_LOAD_FAILED`
 */
export async function loadBuilderPackage(
  name: string,
  exportName: string,
  search: BuilderSearch,
): Promise<AnyBuilder | undefined> {
  const url = await resolvePackage(name, search);
  if (url === undefined) {
    const folder = findFolder(name, search);
    if (folder === undefined) return undefined;
    throw loadFault(name, `${folder} has no entry that Node can import`);
  }
  const waits = (): Error => new Error("it waits for something that never comes");
  const module = await orStandstill(importUrl(url), waits).catch((cause: unknown) => {
    throw loadFault(name, textOf(cause), cause);
  });
  return makeBuilder(module.default ?? module[exportName], name);
}

/** The builder of that name from its package; undefined when that is not installed. */
export async function findBuilder(name: string, search: BuilderSearch): Promise<AnyBuilder | undefined> {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) return undefined;
  return loadBuilderPackage(builderPackage(name), name, search);
}
