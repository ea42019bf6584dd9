import { existsSync } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import { ImageSpecError } from "@imagespec/core";
import type { LoadedConfig } from "../config/load-config.ts";
import { checkJson } from "./check-json.ts";
import { importModule } from "./import-module.ts";
import { type LoadedSpec, loadEntries, type SpecFile } from "./loaded-spec.ts";
import { defaultExport, lineOfField } from "./module-value.ts";
import { readSourceFile, readSourceStream } from "./read-source.ts";
import { documentExtensions, isModule, moduleExtensions, parseSource, type Source } from "./source.ts";
import { keyNotFound } from "./source-errors.ts";
import { parseSpecDocument } from "./spec-document.ts";
import { documentEntries, valueEntries } from "./spec-entries.ts";
import { placed } from "./spec-place.ts";

export type LoadOptions = Readonly<{
  /** Absolute. */
  cwd: string;
  config: LoadedConfig | undefined;
  /** What the paths of a spec are relative to. */
  pathsFrom: "cwd" | "spec";
  /** Read for the source `-`. */
  stdin: () => Readable;
}>;

function documentFile(text: string, file: string): SpecFile {
  const { value, lineOf } = parseSpecDocument(text, file);
  const entries = placed({ file, path: "", lineOf }, () => documentEntries(value));
  return { file, entries, lineOf };
}

async function moduleFile(place: string, file: string): Promise<SpecFile> {
  const value = await defaultExport(await importModule(place, file), file);
  return { file, entries: valueEntries(value), lineOf: (field) => lineOfField(place, field) };
}

async function readFile(place: string, file: string): Promise<SpecFile> {
  if (isModule(file)) return moduleFile(place, file);
  const text = readSourceFile(place, file);
  if (file.endsWith(".json")) checkJson(text, file);
  return documentFile(text, file);
}

async function loadFile(
  file: string,
  key: string | undefined,
  options: LoadOptions,
): Promise<readonly LoadedSpec[]> {
  const place = path.resolve(options.cwd, file);
  const cwd = options.pathsFrom === "spec" ? path.dirname(place) : options.cwd;
  return loadEntries(await readFile(place, file), key, cwd);
}

function loadImages(
  config: LoadedConfig,
  key: string | undefined,
  options: LoadOptions,
): readonly LoadedSpec[] {
  const cwd = options.pathsFrom === "spec" ? path.dirname(config.place) : options.cwd;
  const entries = valueEntries(config.images).map((entry) => ({
    ...entry,
    path: entry.path.startsWith("[") || entry.path === "" ? `images${entry.path}` : `images.${entry.path}`,
  }));
  const lineOf = (field: string): number | undefined => lineOfField(config.place, field);
  return loadEntries({ file: config.file, entries, lineOf }, key, cwd);
}

function loadKey(key: string, options: LoadOptions): readonly LoadedSpec[] {
  const { config } = options;
  if (config?.images === undefined) throw keyNotFound(key, [], config?.file ?? "imagespec.config.ts");
  return loadImages(config, key, options);
}

async function loadStdin(key: string | undefined, options: LoadOptions): Promise<readonly LoadedSpec[]> {
  const name = "standard input";
  return loadEntries(documentFile(await readSourceStream(options.stdin(), name), name), key, options.cwd);
}

async function loadSource(source: Source, options: LoadOptions): Promise<readonly LoadedSpec[]> {
  if (source.kind === "file") return loadFile(source.file, source.key, options);
  return source.kind === "key" ? loadKey(source.key, options) : loadStdin(source.key, options);
}

const defaultFiles = [...moduleExtensions, ...documentExtensions].map((extension) => `image.${extension}`);

async function loadDefault(options: LoadOptions): Promise<readonly LoadedSpec[]> {
  if (options.config?.images !== undefined) return loadImages(options.config, undefined, options);
  const file = defaultFiles.find((name) => existsSync(path.join(options.cwd, name)));
  if (file !== undefined) return loadFile(file, undefined, options);
  throw new ImageSpecError(
    "SOURCE_NOT_FOUND",
    "no spec was named, and there is neither images in imagespec.config.ts nor a file image.ts or image.yaml",
    {
      hint: "make one: imagespec init",
    },
  );
}

/**
 * The specs of all sources, in their order; without one, the project's.
 *
 * @throws ImageSpecError for a source that is not there or cannot be read, and for a spec that is not valid
 */
export async function loadSources(
  sources: readonly string[],
  options: LoadOptions,
): Promise<readonly LoadedSpec[]> {
  if (sources.length === 0) return loadDefault(options);
  const loaded: LoadedSpec[] = [];
  // One after the other: two modules may share state, and the first fault in order is the one to tell.
  for (const source of sources) loaded.push(...(await loadSource(parseSource(source), options)));
  return loaded;
}
