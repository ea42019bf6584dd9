import { existsSync } from "node:fs";
import Docker from "dockerode";
import { baseImageReference, ensureBaseImages } from "./base-images.ts";
import { startContainerRegistry } from "./container-registry.ts";
import { startDockerRegistry } from "./docker-registry.ts";
import { startDockerd } from "./dockerd.ts";
import { followAnswer } from "./engine.ts";
import { canInstall, findProgram } from "./system-packages.ts";

export type WorkbenchEngine = Readonly<{
  /** undefined: the engine that everything finds by itself. */
  dockerHost: string | undefined;
  version: string;
  client: Docker;
  stop(): Promise<void>;
}>;

/** What a build needs around it, for the demo and the benchmarks: real, and gone after `close`. */
export type Workbench = Readonly<{
  engine: WorkbenchEngine;
  /** `127.0.0.1:PORT` */
  registry: string;
  /** A base with Python for specs that name none, where the usual one cannot be pulled, and why it cannot. */
  substitute: Readonly<{ baseImage: string; reason: string }> | undefined;
  close(): Promise<void>;
}>;

const defaultBaseImage = "docker.io/library/python:3.12-slim-bookworm";

export type WorkbenchOptions = Readonly<{
  /** MiB of memory in which a private engine has its data, whatever engine runs here and however slow disks are. */
  memory?: number;
}>;

/**
 * The engine that runs here or a private one, a registry, and a base image: the usual one where it can be pulled,
 * else one made of Debian's packages.
 * @throws Error that says what to install, where nothing can be installed.
 */
export async function openWorkbench({ memory }: WorkbenchOptions = {}): Promise<Workbench> {
  const found = memory === undefined ? await findEngine() : undefined;
  const engine = found ?? (await startPrivateEngine(memory));
  try {
    const reason = await pullFailure(engine.client, defaultBaseImage);
    const contents = reason === undefined ? undefined : await ensureBaseImages();
    const registry = await startRegistry(engine.client, contents);
    const close = async (): Promise<void> => {
      await registry.stop();
      await engine.stop();
    };
    const baseImage = baseImageReference(registry.host, "python-system");
    const substitute = reason === undefined ? undefined : { baseImage, reason };
    return { engine, registry: registry.host, substitute, close };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

/** A running engine counts only when it is local: another machine's cannot reach a registry on this one's loopback. */
async function findEngine(): Promise<WorkbenchEngine | undefined> {
  const host = process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock";
  if (!host.startsWith("unix://") || !existsSync(host.slice("unix://".length))) return undefined;
  const client = new Docker({ socketPath: host.slice("unix://".length), timeout: 10_000 });
  const found = await client.version().catch(() => undefined);
  if (found?.Components?.some(({ Name }) => Name === "Engine") !== true) return undefined;
  return { dockerHost: undefined, version: found.Version, client, stop: async () => {} };
}

async function startPrivateEngine(disk: number | undefined): Promise<WorkbenchEngine> {
  const { dockerHost, version, client, stop } = await startDockerd(disk === undefined ? {} : { disk });
  return { dockerHost, version, client, stop };
}

/** Why an image cannot be pulled; undefined: it is there now. */
async function pullFailure(client: Docker, reference: string): Promise<string | undefined> {
  try {
    await followAnswer(await client.pull(reference));
    return undefined;
  } catch (error) {
    // The client puts the status of its own request in front.
    return String(error instanceof Error ? error.message : error)
      .replace(/^\(HTTP code .*?\) .*? - /, "")
      .trim();
  }
}

type Registry = Readonly<{ host: string; stop(): Promise<void> }>;

function startRegistry(client: Docker, contents: string | undefined): Promise<Registry> {
  const packaged = findProgram("docker-registry") !== undefined || canInstall();
  if (!packaged && contents === undefined) return startContainerRegistry(client);
  return startDockerRegistry(contents === undefined ? {} : { contents });
}
