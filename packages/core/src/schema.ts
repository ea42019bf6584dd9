export { imageSpecSchema } from "./spec/image-spec-schema.ts";
