import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectEngine } from "./engine.ts";
import { createServiceDirectory, type Service, serviceScript, startService } from "./service.ts";
import { ensureSystemPackages, findProgram, type SystemProgram } from "./system-packages.ts";

/** Images and containers of podman and buildah, apart from those of this machine. */
export type ContainersStore = Readonly<{
  /** Its own folder; what builds leave lies somewhere below. */
  directory: string;
  /** Variables that make podman and buildah use it. */
  environment: Readonly<Record<string, string>>;
  /** Ends what was left running, and removes all of it. */
  stop(): Promise<void>;
}>;

/** A podman that answers on a socket. */
export type Podman = ContainersStore &
  Readonly<{
    /** What `DOCKER_HOST` or `CONTAINER_HOST` is set to. */
    dockerHost: string;
    version: string;
    log(): Promise<string>;
    /** SIGKILL of the service; what it ran goes on until `stop`. */
    kill(): Promise<void>;
  }>;

/** For `podman` and `buildah` on the command line. It ends with this process. @throws Error where they cannot be installed */
export async function openContainersStore(): Promise<ContainersStore> {
  const directory = await createStore(["buildah", "podman", "runc"]);
  const { stop } = startStore(directory, ["sleep", "infinity"]);
  return { directory, environment: environmentOf(directory), stop };
}

/** `podman system service` with a store of its own. It ends with this process. @throws Error where it does not start */
export async function startPodman(): Promise<Podman> {
  const directory = await createStore(["podman", "runc"]);
  const environment = environmentOf(directory);
  const dockerHost = `unix://${join(directory, "podman.sock")}`;
  const program = findProgram("podman") ?? "podman";
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const command = ["env", ...variables, program, "--log-level", "info", "system", "service"];
  const service = startStore(directory, [...command, "--time", "0", dockerHost]);
  try {
    await service.logged(/(API service listening)/);
    const { Version: version } = await connectEngine(dockerHost).version();
    const kill = (): Promise<void> => service.kill("podman.pid");
    return { directory, environment, dockerHost, version, log: service.log, kill, stop: service.stop };
  } catch (error) {
    await service.stop();
    throw error;
  }
}

function startStore(directory: string, command: readonly string[]): Service {
  const remember = ["sh", "-c", 'echo $$ >"$0"; exec "$@"', join(directory, "podman.pid")];
  const script = ["sh", serviceScript("containers-store.sh"), directory];
  return startService(directory, [...script, ...remember, ...command], { endedBy: "TERM" });
}

async function createStore(programs: readonly SystemProgram[]): Promise<string> {
  await ensureSystemPackages(programs);
  const directory = createServiceDirectory("containers");
  await mkdir(join(directory, "temporary"));
  await writeFile(join(directory, "storage.conf"), storageConfiguration(directory));
  await writeFile(join(directory, "containers.conf"), enginesConfiguration(directory));
  return directory;
}

function environmentOf(directory: string): Readonly<Record<string, string>> {
  return {
    CONTAINERS_STORAGE_CONF: join(directory, "storage.conf"),
    CONTAINERS_CONF: join(directory, "containers.conf"),
    TMPDIR: join(directory, "temporary"),
  };
}

function storageConfiguration(directory: string): string {
  const paths = { graphroot: "graph", runroot: "run" };
  return [
    "[storage]",
    'driver = "overlay"',
    ...Object.entries(paths).map(([name, path]) => `${name} = "${join(directory, path)}"`),
  ].join("\n");
}

/** The host's network needs no bridge of our own, and a file no memory that all podmans share. */
function enginesConfiguration(directory: string): string {
  const paths = { tmp_dir: "tmp", static_dir: "static", volume_path: "volumes" };
  return [
    "[containers]",
    'netns = "host"',
    // A machine may not let root raise the limits that are usual.
    'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]',
    "[engine]",
    'runtime = "runc"',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    'lock_type = "file"',
    ...Object.entries(paths).map(([name, path]) => `${name} = "${join(directory, path)}"`),
  ].join("\n");
}
