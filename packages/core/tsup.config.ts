import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig({
  ...base,
  entry: { index: "src/index.ts", builder: "src/builder.ts", schema: "src/schema.ts" },
});
