import type { Capabilities } from "@imagespec/core/builder";

/** What the engines can do for a spec; one that is found may be able to do less. */
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
  multiPlatform: true,
  localStore: true,
};
