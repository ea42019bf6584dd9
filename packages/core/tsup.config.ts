import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts", builder: "src/builder.ts", schema: "src/schema.ts" },
  format: "esm",
  target: "node20",
  dts: true,
  sourcemap: true,
  clean: true,
});
