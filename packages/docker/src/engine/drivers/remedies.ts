/** What helps an engine that has no room: commands, and what each of them shows or does. */
export type Remedies = Readonly<{ memory: string; disk: string }>;

type Program = "docker" | "podman" | "buildah" | "nerdctl";

const MEMORY = "shows how much memory there is";
const ROOM = "shows what takes the room";

/** By the program that people use with an engine. */
const remedies: Readonly<Record<Program, Remedies>> = {
  docker: {
    memory: `docker info | grep Memory   ${MEMORY}`,
    disk: `docker builder prune   frees the build cache; docker system df   ${ROOM}`,
  },
  podman: {
    memory: `podman info | grep mem   ${MEMORY}`,
    disk: `podman system prune   removes what nothing uses; podman system df   ${ROOM}`,
  },
  buildah: {
    memory: `free -h   ${MEMORY}`,
    disk: "buildah rmi --prune   removes images without a name; buildah images   shows all others",
  },
  nerdctl: {
    memory: `nerdctl info | grep Memory   ${MEMORY}`,
    disk: "nerdctl builder prune   frees the build cache; nerdctl images   shows what takes the room",
  },
};

export function remediesOf(program: Program): Remedies {
  return remedies[program];
}

/** Of a builder of buildx, wherever it runs. */
export function builderRemedies(builder: string): Remedies {
  return {
    memory: `docker buildx inspect ${builder}   shows where the builder runs`,
    disk: `docker buildx prune --builder ${builder}   frees the build cache; docker buildx du --builder ${builder}   ${ROOM}`,
  };
}
