import type { Capabilities } from "@imagespec/core/builder";

/** What envd can do for a spec. */
export const envdCapabilities: Capabilities = {
  apt: true,
  pip: true,
  lockfile: true,
  installProject: { reason: "envd installs packages by requirements alone" },
  conda: true,
  cuda: true,
  files: true,
  commands: true,
  entrypoint: true,
  labels: { reason: "envd sets its own" },
  secrets: { reason: "envd has none: they would be left in the image" },
  pythonExec: { reason: "envd installs into the python that comes first on PATH" },
  registryConfig: true,
  multiPlatform: { reason: "envd pushes one platform over the other" },
  localStore: true,
};
