export {
  type BaseImageName,
  baseImageNames,
  baseImageReference,
  ensureBaseImages,
} from "./base-images.ts";
export {
  type Buildkitd,
  type BuildkitdOptions,
  type BuildkitPrograms,
  ensureBuildkit,
  ensureDockerfileFrontend,
  startBuildkitd,
} from "./buildkitd.ts";
export { type Certificate, type CertificateAuthority, createCertificateAuthority } from "./certificates.ts";
export {
  type ContainersStore,
  openContainersStore,
  type Podman,
  startPodman,
} from "./containers-store.ts";
export { type DebianPrograms, ensureNewerDocker } from "./debian-programs.ts";
export { type DockerRegistry, type DockerRegistryOptions, startDockerRegistry } from "./docker-registry.ts";
export { type Dockerd, type DockerdOptions, type DockerTls, startDockerd } from "./dockerd.ts";
export { type Emulation, ensureArm64Base, startEmulation } from "./emulation.ts";
export { connectEngine, followAnswer } from "./engine.ts";
export type { TestServices } from "./global-setup.ts";
export { type Containerd, startContainerd } from "./nerdctl.ts";
export { ensureNode } from "./node-releases.ts";
export { type PublishedImage, publishImage } from "./publish-image.ts";
export { pushImage } from "./push-image.ts";
export { ensurePythonPrograms } from "./python-programs.ts";
export { renameUnlessThere } from "./rename-unless-there.ts";
export { createServiceDirectory, type Service, type ServiceOptions, startService } from "./service.ts";
export { ensureSystemPackages, findProgram, type SystemProgram } from "./system-packages.ts";
export {
  startTokenServer,
  type TokenRequest,
  type TokenServer,
  type TokenServerOptions,
} from "./token-server.ts";
export { type WaitOptions, waitUntil } from "./wait-until.ts";
export {
  openWorkbench,
  type Workbench,
  type WorkbenchEngine,
  type WorkbenchOptions,
} from "./workbench.ts";
export { cacheDirectory, workspaceDirectory } from "./workspace-directory.ts";
