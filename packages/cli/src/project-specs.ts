import { existsSync } from "node:fs";
import path from "node:path";
import { type ImageEngine, type ImageSpec, ImageSpecError, type NamedSpec } from "@imagespec/core";
import type { Surroundings } from "./output/surroundings.ts";
import type { Project } from "./project.ts";
import { loadSources } from "./specs/load-sources.ts";
import type { LoadedSpec } from "./specs/loaded-spec.ts";
import { lineOfField } from "./specs/module-value.ts";
import { withPlace } from "./specs/spec-place.ts";
import { withDetails } from "./specs/with-details.ts";

/** The overrides hold for nested bases too, as defaults do. */
function override(spec: ImageSpec, overrides: ImageSpec): ImageSpec {
  const { baseImage } = spec;
  const nested = typeof baseImage === "object" ? { baseImage: override(baseImage, overrides) } : {};
  return { ...spec, ...overrides, ...nested };
}

/** The specs of these sources, or the project's own. Their folders are where builders are looked for, too. */
export async function loadSpecs(
  sources: readonly string[],
  project: Project,
  { stdin }: Pick<Surroundings, "stdin">,
): Promise<readonly LoadedSpec[]> {
  const specs = await loadSources(sources, { ...project, stdin });
  project.builderSearch.add(specs.map(({ place }) => path.dirname(path.resolve(project.cwd, place.file))));
  return specs;
}

/** As the engine takes it, with what the command line lays over it. */
export function namedSpec({ spec, name, cwd }: LoadedSpec, { overrides }: Project): NamedSpec {
  return { spec: override(spec, overrides), name, cwd };
}

/** The file that an error is about, as people would write it who are in the working directory. */
function withShortFile(error: ImageSpecError, { cwd }: Project): ImageSpecError {
  const { file } = error.details;
  const short = file === undefined ? "" : path.relative(cwd, path.resolve(cwd, file));
  return short === "" || short.startsWith("..") ? error : withDetails(error, { file: short });
}

/** When a path is missing here and there in the other folder that paths can start from, that is what to say. */
function withPathsHint(error: ImageSpecError, { cwd, place }: LoadedSpec, project: Project): ImageSpecError {
  if (error.code !== "SPEC_FILE_NOT_FOUND" || error.details.file === undefined) return error;
  const file = path.relative(cwd, path.resolve(cwd, error.details.file));
  const others = { cwd: project.cwd, spec: path.dirname(path.resolve(project.cwd, place.file)) };
  const found = (["cwd", "spec"] as const).find(
    (from) => others[from] !== cwd && existsSync(path.resolve(others[from], file)),
  );
  if (found === undefined) return error;
  const whose = found === "spec" ? "the spec's folder" : "the working directory";
  return withDetails(error, { hint: `it is there from ${whose}: --paths-from ${found}` });
}

/** A field that the spec itself does not have came from elsewhere. */
function placeOf(field: string | undefined, { spec, place }: LoadedSpec, { overrides, config }: Project) {
  const name = field?.match(/^\w+/)?.[0] as keyof ImageSpec | undefined;
  if (name === undefined || (spec[name] !== undefined && overrides[name] === undefined)) return place;
  if (overrides[name] !== undefined) return { file: `--${name}`, path: "", lineOf: () => undefined };
  if (config?.defaults?.[name] === undefined) return place;
  return { file: config.file, path: "defaults", lineOf: (path: string) => lineOfField(config.place, path) };
}

async function isAbout(error: ImageSpecError, named: NamedSpec, engine: ImageEngine): Promise<boolean> {
  try {
    const [image] = await engine.resolve([named]);
    return image?.reference === error.details.image;
  } catch (own) {
    return ImageSpecError.isInstance(own) && own.code === error.code && own.message === error.message;
  }
}

function isAboutSpecs({ code, details }: ImageSpecError): boolean {
  return details.field !== undefined || code.startsWith("SPEC_");
}

/**
 * The error, with the file and line of the spec that it is about. With several specs the one is found by resolving each
 * alone.
 */
export async function placeError(
  error: unknown,
  {
    specs,
    project,
    engine,
  }: Readonly<{ specs: readonly LoadedSpec[]; project: Project; engine: ImageEngine }>,
): Promise<unknown> {
  if (!ImageSpecError.isInstance(error) || !isAboutSpecs(error)) return error;
  for (const spec of specs) {
    if (specs.length > 1 && !(await isAbout(error, namedSpec(spec, project), engine))) continue;
    const hinted = withPathsHint(error, spec, project);
    const place = placeOf(error.details.field, spec, project);
    return withPlace(withShortFile(hinted, project), place);
  }
  return error;
}
