import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

/** For the benchmarks, which Node runs as they are; tests take the sources. */
export default defineConfig({
  ...base,
  dts: false,
  entry: { index: "src/index.ts" },
  // It ships TypeScript, which Node does not load from node_modules.
  noExternal: [/^@flyteorg\/flyteidl2/],
});
