/** The ways to an engine, in the order in which they are tried. */
export const engineNames = [
  /** Docker's API, with BuildKit */
  "docker",
  /** podman's socket; by name, else podman's command */
  "podman",
  /** docker buildx, and whatever its builder is */
  "buildx",
  /** docker's command before version 23, which has BuildKit of its own */
  "docker-cli",
  "buildah",
  "podman-cli",
  /** containerd's command */
  "nerdctl",
  /** Docker's builder before BuildKit */
  "classic",
] as const;

/** The name of one of these ways, for `builderOptions.docker.engine` and `IMAGESPEC_ENGINE`. */
export type EngineName = (typeof engineNames)[number];

export function isEngineName(value: unknown): value is EngineName {
  return engineNames.some((name) => name === value);
}
