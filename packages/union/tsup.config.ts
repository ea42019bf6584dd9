import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig({
  ...base,
  entry: { index: "src/index.ts" },
  // It ships TypeScript, which Node does not load from node_modules.
  noExternal: [/^@flyteorg\/flyteidl2/],
});
