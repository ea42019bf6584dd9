import type { LoadedConfig } from "../config/load-config.ts";
import { findEntry } from "./loaded-spec.ts";
import { parseSource } from "./source.ts";
import { valueEntries } from "./spec-entries.ts";

/** Whether an argument names specs: a file by its extension, a key where the config has it. All else is a reference. */
export function isSource(argument: string, config: LoadedConfig | undefined): boolean {
  const source = parseSource(argument);
  if (source.kind !== "key") return true;
  const images = config?.images;
  return images !== undefined && findEntry(valueEntries(images), source.key) !== undefined;
}
