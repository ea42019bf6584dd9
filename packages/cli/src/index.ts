export { defineImage, type ImageSpec } from "@imagespec/core";
export { type BuilderEntry, defineConfig, type ImageSpecConfig } from "./config/image-spec-config.ts";
export { type LoadedConfig, loadConfig } from "./config/load-config.ts";
