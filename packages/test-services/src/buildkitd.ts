import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureGoPrograms } from "./go-programs.ts";
import { createServiceDirectory, type Service, startService } from "./service.ts";
import { ensureSystemPackages } from "./system-packages.ts";

export type BuildkitdOptions = Readonly<{
  /** A unix socket (default) or a loopback port. */
  listen?: "unix" | "tcp";
  /** Registries that may speak plain http beside those on loopback. */
  insecure?: readonly string[];
  /** MiB of a file system of its own for what it stores; default: as much as there is. */
  disk?: number;
}>;

/** A private BuildKit daemon. */
export type Buildkitd = Readonly<{
  /** A socket's path, or `127.0.0.1:PORT`, as envd wants it. */
  address: string;
  directory: string;
  log(): Promise<string>;
  /** SIGKILL of the daemon and everything in it. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}>;

/** Paths of BuildKit's daemon and of its client. */
export type BuildkitPrograms = Readonly<Record<"buildkitd" | "buildctl", string>>;

const module = { path: "github.com/moby/buildkit", version: "v0.20.2" };

/** BuildKit's programs, made from its Go module when they are not in the cache. They are static. */
export async function ensureBuildkit(signal?: AbortSignal): Promise<BuildkitPrograms> {
  const folder = await ensureGoPrograms(
    { ...module, name: "buildkit", programs: ["buildkitd", "buildctl"] },
    signal,
  );
  return { buildkitd: join(folder, "buildkitd"), buildctl: join(folder, "buildctl") };
}

/**
 * BuildKit's reader of Dockerfiles as a program, what images of `docker/dockerfile` hold; made as
 * {@link ensureBuildkit} makes its programs.
 */
export async function ensureDockerfileFrontend(): Promise<string> {
  const folder = await ensureGoPrograms({
    ...module,
    name: "dockerfile-frontend",
    programs: ["../frontend/dockerfile/cmd/dockerfile-frontend"],
  });
  return join(folder, "dockerfile-frontend");
}

function configuration(directory: string, options: BuildkitdOptions): string {
  const listen =
    options.listen === "tcp" ? "tcp://127.0.0.1:0" : `unix://${join(directory, "buildkitd.sock")}`;
  const registries = (options.insecure ?? []).map((host) => `[registry."${host}"]\nhttp = true\n`);
  return [
    `root = "${join(directory, "root")}"`,
    `[grpc]\naddress = ["${listen}"]`,
    // The usual one belongs to whichever daemon comes first.
    `[otel]\nsocketPath = "${join(directory, "otel.sock")}"`,
    '[worker.oci]\nnetworkMode = "host"\n[worker.containerd]\nenabled = false',
    ...registries,
  ].join("\n");
}

/** Its processes and mounts live in namespaces that end with it. */
function command(binary: string, directory: string, disk: number | undefined): readonly string[] {
  const root = join(directory, "root");
  const mount = disk === undefined ? "" : `mount -t tmpfs -o size=${disk}m tmpfs '${root}' && `;
  const script = `${mount}exec "$0" --config "$1"`;
  const namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  return [...namespaces, "sh", "-c", script, binary, join(directory, "buildkitd.toml")];
}

async function addressOf(service: Service, options: BuildkitdOptions): Promise<string> {
  const address = await service.logged(/running server on ([^\s"]+)/);
  return options.listen === "tcp" ? address : join(service.directory, "buildkitd.sock");
}

/**
 * A private BuildKit daemon, of {@link ensureBuildkit}. Registries on loopback may speak http, which is its own
 * default. It ends with this process.
 * @throws Error when it does not start
 */
export async function startBuildkitd(options: BuildkitdOptions = {}): Promise<Buildkitd> {
  const directory = createServiceDirectory("buildkitd");
  await ensureSystemPackages(["runc"]);
  const { buildkitd } = await ensureBuildkit();
  await mkdir(join(directory, "root"));
  await writeFile(join(directory, "buildkitd.toml"), configuration(directory, options));
  const service = startService(directory, command(buildkitd, directory, options.disk));
  try {
    const address = await addressOf(service, options);
    const { log, stop } = service;
    return { address, directory, log, stop, kill: () => service.kill("pid") };
  } catch (error) {
    await service.stop();
    throw error;
  }
}
