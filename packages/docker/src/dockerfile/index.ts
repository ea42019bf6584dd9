export type { ExpectedSecret } from "./emission.ts";
export {
  checkDockerfile,
  type EmittedDockerfile,
  emitDockerfile,
  type UnlabelledDockerfile,
} from "./emit-dockerfile.ts";
export { NO_UV_EXIT_CODE, UV_VERSION, UV_WHEELS, uvContextPath } from "./recipe.ts";
