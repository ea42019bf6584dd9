import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { EmittedFile } from "@imagespec/core/builder";
import { execa } from "execa";
import { createHome, type EnvdHome } from "../../src/cli/envd-home.ts";

/** A program that a step runs. */
export type ExecStep = Readonly<{
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
}>;
export type CopyStep = Readonly<{ source: string; target: string; uid: number }>;

/** What envd would have BuildKit do, as its own compiler says. */
export type Graph = Readonly<{
  images: readonly string[];
  execs: readonly ExecStep[];
  copies: readonly CopyStep[];
  /** Contents of files that envd itself writes, by path. */
  files: Readonly<Record<string, string>>;
}>;

type Owner = Readonly<{ user?: { User?: { byId?: number } } }>;
type Action = Readonly<{
  copy?: Readonly<{ src: string; dest: string; owner?: Owner }>;
  mkfile?: Readonly<{ path: string; data?: string }>;
}>;
type Line = Readonly<{
  Op: Readonly<{
    Op?: Readonly<{
      source?: Readonly<{ identifier: string }>;
      exec?: Readonly<{ meta: Readonly<{ args: string[]; env?: string[]; cwd: string }> }>;
      file?: Readonly<{ actions: readonly Readonly<{ Action: Action }>[] }>;
    }>;
  }>;
}>;

/** The later one of two of the same name counts, as for the kernel's `runc`. */
function environment(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]),
  );
}

function readGraph(text: string): Graph {
  const ops = text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => (JSON.parse(line) as Line).Op.Op ?? {});
  const actions = ops.flatMap(({ file }) => file?.actions ?? []).map(({ Action }) => Action);
  return {
    images: ops
      .flatMap(({ source }) => source?.identifier ?? [])
      .filter((name) => name.startsWith("docker-image://"))
      .map((name) => name.slice("docker-image://".length)),
    execs: ops.flatMap(({ exec }) =>
      exec ? [{ args: exec.meta.args, env: environment(exec.meta.env ?? []), cwd: exec.meta.cwd }] : [],
    ),
    copies: actions.flatMap(({ copy }) =>
      copy ? [{ source: copy.src, target: copy.dest, uid: copy.owner?.user?.User?.byId ?? 0 }] : [],
    ),
    files: Object.fromEntries(
      actions.flatMap(({ mkfile }) =>
        mkfile ? [[mkfile.path, Buffer.from(mkfile.data ?? "", "base64").toString()]] : [],
      ),
    ),
  };
}

export type Compiler = Readonly<{
  /** @throws Error with what envd says against the text */
  compile(text: string, files?: readonly EmittedFile[]): Promise<Graph>;
  stop(): Promise<void>;
}>;

async function writeFiles(folder: string, files: readonly EmittedFile[]): Promise<void> {
  for (const { path, content } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

type Run = Readonly<{ binary: string; home: EnvdHome; host: string; folder: string }>;

async function runDebug({ binary, home, host, folder }: Run): Promise<Graph> {
  const { stdout, stderr, exitCode } = await execa(binary, ["debug", "llb", "--path", folder], {
    // Docker Hub is asked by plain http where https does not get through, and that goes to the fake.
    env: { ...home.environment, HTTP_PROXY: `http://${host}`, HTTPS_PROXY: "http://127.0.0.1:9" },
    reject: false,
    maxBuffer: 1e9,
  });
  if (exitCode !== 0) throw new Error(`envd exits with ${exitCode}: ${stderr.slice(-600)}`);
  return readGraph(stdout);
}

/** envd's compiler on images of a registry at `host`, which stands for Docker Hub too. It needs no builder. */
export async function startCompiler(binary: string, host: string): Promise<Compiler> {
  const directory = await mkdtemp(join(tmpdir(), "imagespec-compile-"));
  const home = await createHome(
    join(directory, "home"),
    [host, "docker.io"].map((one) => ({ host: one, insecure: true })),
  );
  return {
    async compile(text, files = []) {
      const folder = await mkdtemp(join(directory, "context-"));
      await writeFiles(folder, [{ path: "build.envd", content: text }, ...files]);
      try {
        return await runDebug({ binary, home, host, folder });
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    stop: () => rm(directory, { recursive: true, maxRetries: 10 }),
  };
}
