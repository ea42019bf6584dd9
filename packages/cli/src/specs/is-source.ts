import type { LoadedConfig } from "../config/load-config.ts";
import { parseSource } from "./source.ts";

/** Whether an argument names specs: a file by its extension, a key where the config has it. All else is a reference. */
export function isSource(argument: string, config: LoadedConfig | undefined): boolean {
  const source = parseSource(argument);
  if (source.kind !== "key") return true;
  const images = config?.images;
  return images !== undefined && Object.hasOwn(images, source.key);
}
