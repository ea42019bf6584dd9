import type { Capabilities } from "@imagespec/core/builder";

/** What Docker's engine can do for a spec. */
export const dockerCapabilities: Capabilities = {
  apt: true,
  pip: true,
  lockfile: true,
  installProject: true,
  conda: true,
  cuda: { reason: "name an image that has CUDA as baseImage" },
  files: true,
  commands: true,
  entrypoint: true,
  labels: true,
  secrets: true,
  pythonExec: true,
  registryConfig: true,
  multiPlatform: { reason: "an engine's API builds for one platform at a time" },
  localStore: true,
};
