import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig({
  ...base,
  entry: { index: "src/index.ts" },
  // The messages ship as TypeScript, which Node does not load from node_modules. The others are 130 small modules, and
  // to load those takes longer than to ask whether an image is there.
  noExternal: [/^@flyteorg\/flyteidl2/, /^@connectrpc\//, /^@bufbuild\/protobuf/],
});
