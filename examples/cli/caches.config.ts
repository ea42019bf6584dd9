import { defineConfig } from "imagespec";

const cache = { type: "registry", ref: "ghcr.io/org/cache" };

export default defineConfig({
  defaults: {
    registry: "ghcr.io/org",
    platform: "linux/amd64",
    builderOptions: { docker: { cacheFrom: [cache], cacheTo: [{ ...cache, mode: "max" }] } },
  },
});
