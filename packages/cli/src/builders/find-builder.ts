import { pathToFileURL } from "node:url";
import { type AnyBuilder, builderPackage, ImageSpecError } from "@imagespec/core";
import { importUrl } from "../import-url.ts";

/** Where packages are looked for: from this folder, then from the command's own. */
export type BuilderSearch = Readonly<{ folder: string }>;

function loadFault(name: string, why: string, cause?: unknown): ImageSpecError {
  return new ImageSpecError("BUILDER_LOAD_FAILED", `${name} does not load: ${why}`, {
    field: "builder",
    hint: `install it anew: npm install ${name}`,
    cause,
  });
}

/** Node itself resolves from the importing file alone, and its `require` passes over packages that have only `import`. */
async function resolvePackage(name: string, { folder }: BuilderSearch): Promise<string | undefined> {
  const { createJiti } = await import("jiti");
  for (const start of [pathToFileURL(`${folder}/`).href, import.meta.url]) {
    const jiti = createJiti(start, { fsCache: false });
    const url = jiti.esmResolve(name, { try: true });
    if (url !== undefined) return url;
  }
  return undefined;
}

function makeBuilder(factory: unknown, name: string): AnyBuilder {
  if (typeof factory !== "function") throw loadFault(name, "it exports no function that makes a builder");
  try {
    return factory() as AnyBuilder;
  } catch (cause) {
    throw loadFault(name, cause instanceof Error ? cause.message : String(cause), cause);
  }
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
  if (url === undefined) return undefined;
  const module = (await importUrl(url).catch((cause: unknown) => {
    throw loadFault(name, cause instanceof Error ? cause.message : String(cause), cause);
  })) as Readonly<Record<string, unknown>>;
  return makeBuilder(module.default ?? module[exportName], name);
}

/** The builder of that name from its package; undefined when that is not installed. */
export async function findBuilder(name: string, search: BuilderSearch): Promise<AnyBuilder | undefined> {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) return undefined;
  return loadBuilderPackage(builderPackage(name), name, search);
}
