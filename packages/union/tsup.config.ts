import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";
import { slimDescriptors } from "./slim-descriptors.ts";

export default defineConfig({
  ...base,
  entry: { index: "src/index.ts" },
  // One file: to load many takes longer than to read one, of which most is only read when it is needed.
  splitting: false,
  // The messages ship as TypeScript, which Node does not load from node_modules. The others are 130 small modules, and
  // to load those takes longer than to ask whether an image is there.
  noExternal: [/^@flyteorg\/flyteidl2/, /^@connectrpc\//, /^@bufbuild\/protobuf/],
  esbuildPlugins: [...base.esbuildPlugins, slimDescriptors],
});
