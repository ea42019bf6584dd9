export { docker } from "./builder.ts";
export {
  checkDockerfile,
  type EmittedDockerfile,
  type ExpectedSecret,
  emitDockerfile,
  type UnlabelledDockerfile,
} from "./dockerfile/index.ts";
export { type EngineName, engineNames } from "./engine/drivers/engine-name.ts";
export {
  type Attestations,
  type BuildCache,
  type CacheType,
  type DockerOptions,
  dockerOptionsSchema,
} from "./options.ts";
export type { LentSecret, SecretStep } from "./secret-mount-option.ts";
