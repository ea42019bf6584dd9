import path from "node:path";
import { importModule } from "../specs/import-module.ts";
import { defaultExport } from "../specs/module-value.ts";
import { checkConfig } from "./check-config.ts";
import { withCertificatesFrom } from "./check-registries.ts";
import { findConfig } from "./find-config.ts";
import type { ImageSpecConfig } from "./image-spec-config.ts";

/** A config and the file that it comes from. */
export type LoadedConfig = ImageSpecConfig &
  Readonly<{
    /** Absolute. */
    place: string;
    /** As the user calls it. */
    file: string;
  }>;

/**
 * The config that holds in a folder: `file`, else the first `imagespec.config.{ts,mts,js,mjs}` from there up to the
 * repository's root; undefined when there is none.
 *
 * @throws ImageSpecError `SOURCE_NOT_FOUND`, `SOURCE_MODULE_FAILED`, `CONFIG_UNKNOWN_FIELD`, `CONFIG_INVALID`
 */
export async function loadConfig(
  cwd: string = process.cwd(),
  file?: string | undefined,
): Promise<LoadedConfig | undefined> {
  const place = file === undefined ? findConfig(cwd) : path.resolve(cwd, file);
  if (place === undefined) return undefined;
  const shown = file ?? path.relative(cwd, place);
  const value = await defaultExport(await importModule(place, shown), shown);
  const config = checkConfig(value, { place, file: shown });
  const registries = withCertificatesFrom(config.registries ?? {}, path.dirname(place));
  return { ...config, registries, place, file: shown };
}
