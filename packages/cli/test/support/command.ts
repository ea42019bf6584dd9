import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { checkDocuments } from "./check-document.ts";

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));
/** What users run. */
export const commandFile: string = path.join(packageFolder, "bin", "imagespec.js");

function newestChange(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return Math.max(...files.map(({ parentPath, name }) => statSync(path.join(parentPath, name)).mtimeMs));
}

/** Builds the command, unless it was built from the sources as they are. */
export function ensureCommand(): void {
  const built = path.join(packageFolder, "dist", "command", "entry");
  const sources = ["cli", "core", "registry", "docker"].map((name) =>
    newestChange(path.join(packageFolder, "..", name, "src")),
  );
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources)) return;
  const rolldown = path.join(packageFolder, "node_modules", ".bin", "rolldown");
  execFileSync(rolldown, ["-c", "rolldown.config.ts"], { cwd: packageFolder, stdio: "pipe" });
}

export type Ended = Readonly<{
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}>;

export type CommandOptions = Readonly<{
  cwd: string;
  environment?: Readonly<Record<string, string>>;
  input?: string;
  /** Default: that of this process. */
  node?: string;
}>;

/** A command that runs, and everything that it started. */
export class RunningCommand {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  constructor(args: readonly string[], { cwd, environment, input, node }: CommandOptions) {
    const { PATH = "" } = process.env;
    const env = { PATH, HOME: cwd, XDG_CACHE_HOME: path.join(cwd, ".test-cache"), ...environment };
    this.#child = spawn(node ?? process.execPath, [commandFile, ...args], { cwd, env, detached: true });
    // It need not read what it is given.
    this.#child.stdin?.on("error", () => {});
    this.#child.stdin?.end(input ?? "");
    this.#child.stdout?.on("data", (data) => (this.stdout += String(data)));
    this.#child.stderr?.on("data", (data) => (this.stderr += String(data)));
    this.ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, signal) =>
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr }),
      );
    });
  }

  /** As Ctrl-C in a terminal does: to all that the command started, too. */
  interrupt(signal: NodeJS.Signals = "SIGINT"): void {
    process.kill(-this.#child.pid!, signal);
  }

  /** Resolves once standard error matches. */
  async said(pattern: RegExp): Promise<void> {
    let failed: Ended | undefined;
    void this.ended.then((ended) => (failed = ended));
    while (!pattern.test(this.stderr)) {
      if (failed) throw new Error(`it ended (${failed.code}) without ${pattern}:\n${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Whether anything that it started runs on. */
  leftProcesses(): boolean {
    try {
      process.kill(-this.#child.pid!, 0);
      return true;
    } catch {
      return false;
    }
  }
}

/** Runs the built command to its end. What it printed for programs is what the published schemas say. */
export async function runCommand(args: readonly string[], options: CommandOptions): Promise<Ended> {
  const ended = await new RunningCommand(args, options).ended;
  checkDocuments(args, ended);
  return ended;
}
