import type { Capabilities } from "@imagespec/core/builder";

/** What Union's builder can do for a spec: what its protocol has words for. */
export const unionCapabilities: Capabilities = {
  apt: true,
  pip: true,
  lockfile: true,
  installProject: true,
  conda: { reason: "its protocol has no conda packages" },
  cuda: { reason: "its protocol has no CUDA: name an image that has it as baseImage" },
  files: true,
  commands: true,
  entrypoint: { reason: "its protocol has no entrypoint" },
  labels: { reason: "its protocol has no labels" },
  secrets: true,
  pythonExec: { reason: "it installs into an environment of its own" },
  registryConfig: { reason: "it pushes with a secret that is stored with Union" },
  multiPlatform: { reason: "it builds for one platform" },
  localStore: true,
};
