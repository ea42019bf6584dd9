export * from "./builder.ts";
export {
  type ErrorDetails,
  type ErrorIssue,
  type FailedStep,
  ImageSpecError,
} from "./errors/image-spec-error.ts";
export { findStep } from "./plan/build-plan.ts";
export {
  formatImageReference,
  type ImageReference,
  parseImageReference,
  type ReferenceStyle,
} from "./reference/image-reference.ts";
export {
  formatPlatform,
  isSamePlatform,
  normalizePlatform,
  type Platform,
  parsePlatform,
  platformOf,
} from "./reference/platform.ts";
export {
  DOCKER_HUB,
  isDigest,
  isHost,
  isLoopbackHost,
  normalizeHost,
} from "./reference/reference-grammar.ts";
export { parseRegistryPrefix, type RegistryPrefix } from "./reference/registry-prefix.ts";
