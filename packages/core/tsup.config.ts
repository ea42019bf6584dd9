import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig({
  ...base,
  entry: { index: "src/index.ts", builder: "src/builder.ts", schema: "src/schema.ts" },
  // The part of it that is used: all of it is a hundred files, two thirds of them translations.
  noExternal: [/^zod\//],
});
