import type { Options } from "tsup";
import { licencesPlugin } from "./bundled-licences.ts";

/** How every package here is built: ES modules for the oldest Node that we run on, with their types. */
export const base = {
  format: "esm",
  target: "node20",
  dts: true,
  sourcemap: true,
  clean: true,
  esbuildPlugins: [licencesPlugin],
} satisfies Options;
