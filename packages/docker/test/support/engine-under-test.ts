import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type ContainersStore,
  connectEngine,
  openContainersStore,
  startPodman,
} from "@imagespec/test-services";
import { execa } from "execa";
import { inject } from "vitest";
import type { DockerOptions, EngineName } from "../../src/index.ts";
import { killCommands } from "./processes.ts";
import { runContainer } from "./run-container.ts";

/** What an image says of itself, as engines describe it. */
export type Inspected = Readonly<{
  Env: readonly string[];
  Entrypoint: readonly string[] | null;
  Labels: Readonly<Record<string, string>>;
  User: string;
  WorkingDir: string;
}>;

/** An engine that the suite drives, and a way to look at what it made that is not ours. */
export type EngineUnderTest = Readonly<{
  name: EngineName;
  /** What probe calls its version. */
  version: RegExp;
  /** Variables by which the builder finds it. */
  environment: Readonly<Record<string, string>>;
  /** What a command prints in a container of the image, as the image's user. */
  run(reference: string, command: readonly string[]): Promise<string>;
  inspect(reference: string): Promise<Inspected>;
  /** Options by which layers are kept for another engine and taken from there, given an image that is pushed. */
  cache?(image: string): Pick<DockerOptions, "cacheTo" | "cacheFrom">;
  /** Forgets all that was built. */
  forget(): Promise<void>;
  /** `digests`: of whole images, `copies`: of layers of copied files, where builds are given the same time. */
  sameTimes: "digests" | "copies" | "refused";
  /** True where attestations are attached. */
  attests: boolean;
  /** False where a base has to be in a registry. */
  startsFromStore: boolean;
  /** Where layers, histories, configs and caches lie. */
  folder: string;
  /** An address of this machine that its containers reach. */
  hostAddress: string;
  /** Containers and temporary files, by any name. */
  leftovers(): Promise<readonly string[]>;
  /** SIGKILL, where it is this engine's own. */
  kill?(): Promise<void>;
  stop(): Promise<void>;
}>;

/** Two programs look at the store that a builder worked with: containers are those of buildah in both cases. */
function storeTools({ directory, environment }: ContainersStore) {
  const tool = async (...command: readonly string[]): Promise<string> => {
    const [program = "", ...words] = command;
    return (await execa(program, words, { env: environment })).stdout;
  };
  return {
    folder: directory,
    startsFromStore: true,
    hostAddress: "127.0.0.1",
    sameTimes: "digests" as const,
    attests: false,
    async forget() {
      await tool("buildah", "rmi", "--all", "--force");
    },
    async run(reference: string, command: readonly string[]) {
      const container = await tool("buildah", "from", "--pull-never", reference);
      try {
        return await tool("buildah", "run", container, "--", ...command);
      } finally {
        await tool("buildah", "rm", container);
      }
    },
    async inspect(reference: string) {
      const answer = JSON.parse(await tool("buildah", "inspect", "--type", "image", reference));
      return answer.Docker.config as Inspected;
    },
    async leftovers() {
      const containers = await tool("buildah", "containers", "--all", "--quiet");
      const files = await temporaryFilesIn(join(directory, "temporary"));
      const mounts = await tool("sh", "-c", `grep -c ' ${directory}/' /proc/mounts || true`);
      return [...containers.split("\n").filter(Boolean), ...files, ...(mounts === "0" ? [] : [mounts])];
    },
  };
}

/** podman or buildah as programs. */
export async function useProgram(name: "buildah" | "podman-cli"): Promise<EngineUnderTest> {
  const store = await openContainersStore();
  const { environment, stop } = store;
  return {
    name,
    version: name === "buildah" ? /^1\.\d+\.\d+$/ : /^[45]\.\d+\.\d+$/,
    environment: { ...environment, IMAGESPEC_ENGINE: name },
    ...storeTools(store),
    cache: registryCache,
    kill: () => killCommands(join(store.directory, "temporary", "imagespec-engine-")),
    stop,
  };
}

/** A cache of its own beside an image. */
export function registryCache(image: string): Pick<DockerOptions, "cacheTo" | "cacheFrom"> {
  const cache = { type: "registry", ref: image.replace(/:[^:/]*$/, "/cache") } as const;
  return { cacheTo: [cache], cacheFrom: [cache] };
}

/** A cache inside the image that is pushed. */
function inlineCache(image: string): Pick<DockerOptions, "cacheTo" | "cacheFrom"> {
  return { cacheTo: [{ type: "inline" }], cacheFrom: [{ type: "registry", ref: image }] };
}

/** podman by its socket. */
export async function usePodman(): Promise<EngineUnderTest> {
  const podman = await startPodman();
  const { dockerHost, kill, stop } = podman;
  return {
    name: "podman",
    version: /^[45]\.\d+\.\d+$/,
    environment: { DOCKER_HOST: dockerHost },
    ...storeTools(podman),
    sameTimes: "refused",
    kill,
    stop,
  };
}

/** The suite's own Docker 20.10, by another way than its API. */
export async function useSharedDocker(
  name: EngineName,
  environment: Readonly<Record<string, string>>,
): Promise<EngineUnderTest> {
  const { dockerHost } = inject("services");
  const { DockerRootDir } = await connectEngine(dockerHost).info();
  const engine = {
    dockerHost,
    directory: dirname(DockerRootDir),
    version: /^20\.10\.\d+$/,
    stop: async () => {},
  };
  const variables = { DOCKER_HOST: dockerHost, IMAGESPEC_ENGINE: name, ...environment };
  const { cache: _, ...under } = await useDocker(name, engine, variables);
  const forget = async () => {
    await connectEngine(dockerHost).pruneBuilder();
  };
  return { ...under, sameTimes: "refused", forget };
}

/** Docker's engine, or another way to it. `environment` makes the builder go that way. */
export async function useDocker(
  name: EngineName,
  engine: Readonly<{ dockerHost: string; directory: string; version: RegExp; stop(): Promise<void> }>,
  environment: Readonly<Record<string, string>> = { DOCKER_HOST: engine.dockerHost },
): Promise<EngineUnderTest> {
  const client = connectEngine(engine.dockerHost);
  const { IPAM } = await client.getNetwork("bridge").inspect();
  return {
    name,
    version: engine.version,
    environment,
    folder: join(engine.directory, "data"),
    startsFromStore: true,
    hostAddress: IPAM?.Config?.[0]?.Gateway ?? "127.0.0.1",
    cache: inlineCache,
    sameTimes: "copies",
    attests: false,
    forget: async () => {
      const images = await client.listImages();
      await Promise.all(images.map(({ Id }) => client.getImage(Id).remove({ force: true })));
      await client.pruneBuilder();
    },
    run: (reference, command) => runContainer(client, reference, { command }),
    inspect: async (reference) => (await client.getImage(reference).inspect()).Config as unknown as Inspected,
    leftovers: async () => (await client.listContainers({ all: true })).map(({ Id }) => Id),
    stop: engine.stop,
  };
}

/** What stays in a folder for temporary files: cache mounts, and what podman's service itself forgets there. */
const staying = /^(buildah-cache|digest\.txt|libpod_builder)/;

/** What lies in a folder for temporary files and is to be gone after a build. */
export async function temporaryFilesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !staying.test(name));
}

/** Runs something with a temporary folder of its own, and tells what it leaves there. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "imagespec-test-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
