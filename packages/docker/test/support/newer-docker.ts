import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Dockerd, ensureNewerDocker, startBuildkitd, startDockerd } from "@imagespec/test-services";
import { execa } from "execa";
import { type EngineUnderTest, registryCache, useDocker } from "./engine-under-test.ts";

type Store = "graphdriver" | "containerd";

function startNewer(store: Store): Promise<Dockerd> {
  return startDockerd({
    newer: true,
    configuration: { features: { "containerd-snapshotter": store === "containerd" } },
  });
}

const version = /^26\.1\.\d+/;

/** Docker 26 by its API. */
export async function useNewerDocker(store: Store): Promise<EngineUnderTest> {
  return useDocker("docker", { ...(await startNewer(store)), version });
}

/** Variables that make docker's command the newer one, with buildx, and settings of its own. */
export async function newerCommand(directory: string): Promise<Readonly<Record<string, string>>> {
  const { path, plugins } = await ensureNewerDocker();
  const DOCKER_CONFIG = join(directory, "config");
  await mkdir(DOCKER_CONFIG, { recursive: true });
  await writeFile(join(DOCKER_CONFIG, "config.json"), JSON.stringify({ cliPluginsExtraDirs: [plugins] }));
  return { DOCKER_CONFIG, PATH: `${path}:${process.env.PATH}` };
}

/** buildx, which builds with Docker 26. */
export async function useBuildx(store: Store): Promise<EngineUnderTest> {
  const engine = await startNewer(store);
  const environment = {
    ...(await newerCommand(engine.directory)),
    DOCKER_HOST: engine.dockerHost,
    IMAGESPEC_ENGINE: "buildx",
  };
  const under = await useDocker("buildx", { ...engine, version: /^0\.13\./ }, environment);
  return { ...under, cache: registryCache, attests: true };
}

/** buildx with a builder of the remote driver: a buildkitd behind tcp. Images without a registry go to Docker 26. */
export async function useRemoteBuilder(): Promise<EngineUnderTest> {
  const [engine, buildkitd] = await Promise.all([
    startNewer("graphdriver"),
    startBuildkitd({ listen: "tcp" }),
  ]);
  const command = { ...(await newerCommand(engine.directory)), DOCKER_HOST: engine.dockerHost };
  const create = [
    "buildx",
    "create",
    "--name",
    "cluster",
    "--driver",
    "remote",
    `tcp://${buildkitd.address}`,
  ];
  await execa("docker", create, { env: command });
  const under = await useDocker(
    "buildx",
    {
      ...engine,
      version: /^0\.13\./,
      stop: async () => {
        await Promise.all([engine.stop(), buildkitd.stop()]);
      },
    },
    { ...command, BUILDX_BUILDER: "cluster" },
  );
  return {
    ...under,
    folder: buildkitd.directory,
    startsFromStore: false,
    cache: registryCache,
    sameTimes: "digests",
    attests: true,
    forget: async () => {
      await execa("docker", ["buildx", "prune", "--builder", "cluster", "--all", "--force"], {
        env: command,
      });
    },
  };
}
