export { docker } from "./builder.ts";
export {
  checkDockerfile,
  type EmittedDockerfile,
  type ExpectedSecret,
  emitDockerfile,
} from "./dockerfile/index.ts";
export { type DockerOptions, dockerOptionsSchema } from "./options.ts";
