import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { renameUnlessThere } from "./rename-unless-there.ts";
import { createServiceDirectory, type Service, startService } from "./service.ts";
import { ensureSystemPackages, findProgram } from "./system-packages.ts";
import { cacheDirectory } from "./workspace-directory.ts";

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

const version = "v0.20.2";
const module = `github.com/moby/buildkit@${version}`;

/** Go's own command, where this machine has it. */
export function findGo(): string | undefined {
  return findProgram("go") ?? ["/usr/local/go/bin/go"].find((path) => existsSync(path));
}

/** Of its module: `go install` refuses one that excludes versions. */
async function buildDaemon(go: string, target: string): Promise<void> {
  await mkdir(join(cacheDirectory, "buildkitd"), { recursive: true });
  const folder = await mkdtemp(`${target}.`);
  const source = join(folder, "source");
  const env = { GOFLAGS: "-mod=mod", CGO_ENABLED: "0" };
  await mkdir(source);
  const { stdout } = await execa(go, ["mod", "download", "-json", module], { cwd: source, env });
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  await cp(Dir, source, { recursive: true });
  await execa("chmod", ["-R", "u+w", source]);
  await rm(join(source, "vendor"), { recursive: true });
  const flags = ["-ldflags", "-s -w", "-tags", "osusergo netgo"];
  await execa(go, ["build", ...flags, "-o", join(folder, "buildkitd"), "./cmd/buildkitd"], {
    cwd: source,
    env,
  });
  await rm(source, { recursive: true });
  await renameUnlessThere(folder, target);
}

async function ensureDaemon(): Promise<string> {
  const target = join(cacheDirectory, "buildkitd", version);
  const binary = join(target, "buildkitd");
  if (existsSync(binary)) return binary;
  const go = findGo();
  if (go === undefined) throw new Error("Go is needed to make buildkitd, and is not there");
  await buildDaemon(go, target);
  return binary;
}

function configuration(directory: string, options: BuildkitdOptions): string {
  const listen =
    options.listen === "tcp" ? "tcp://127.0.0.1:0" : `unix://${join(directory, "buildkitd.sock")}`;
  const registries = (options.insecure ?? []).map((host) => `[registry."${host}"]\nhttp = true\n`);
  return [
    `root = "${join(directory, "root")}"`,
    `[grpc]\naddress = ["${listen}"]`,
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
 * A private BuildKit daemon, made from its Go module when it is not in the cache. Registries on loopback may speak
 * http, which is its own default. It ends with this process.
 * @throws Error without Go, or when it does not start
 */
export async function startBuildkitd(options: BuildkitdOptions = {}): Promise<Buildkitd> {
  const directory = createServiceDirectory("buildkitd");
  await ensureSystemPackages(["runc"]);
  const binary = await ensureDaemon();
  await mkdir(join(directory, "root"));
  await writeFile(join(directory, "buildkitd.toml"), configuration(directory, options));
  const service = startService(directory, command(binary, directory, options.disk));
  try {
    const address = await addressOf(service, options);
    const { log, stop } = service;
    return { address, directory, log, stop, kill: () => service.kill("pid") };
  } catch (error) {
    await service.stop();
    throw error;
  }
}
