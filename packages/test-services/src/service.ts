import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "./wait-until.ts";
import { packageDirectory } from "./workspace-directory.ts";

/**
 * A process with a folder of its own. Both end with the owner, however the owner ends: a shell script that holds
 * the other end of a pipe sees to it, so that not even SIGKILL of the owner leaves anything.
 */
export type Service = Readonly<{
  directory: string;
  /** What the process has printed so far. */
  log(): Promise<string>;
  /** The first group of `pattern` in the log, as soon as it is there. Throws when the process ends before. */
  logged(pattern: RegExp): Promise<string>;
  /** True once the process has ended by itself or was killed; the folder stays until `stop`. */
  hasExited(): boolean;
  /** SIGKILL of the process that `pidFile` in the folder names; resolves when the service has ended. */
  kill(pidFile: string): Promise<void>;
  /** Ends the process and removes the folder; resolves when both are gone. */
  stop(): Promise<void>;
}>;

export function serviceScript(name: string): string {
  return join(packageDirectory, "services", name);
}

/** A new folder for a service, below the system's temporary folder. */
export function createServiceDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `imagespec-${name}-`));
}

export type ServiceOptions = Readonly<{
  /** What ends it. Default KILL: nothing is worth a clean end, unless a script has something to clean up. */
  endedBy?: "KILL" | "TERM";
}>;

/** Runs a command in a folder that `createServiceDirectory` made. */
export function startService(
  directory: string,
  command: readonly string[],
  { endedBy = "KILL" }: ServiceOptions = {},
): Service {
  const child = spawn("sh", [serviceScript("service.sh"), directory, endedBy, ...command], {
    // A session of its own: a terminal's Ctrl-C reaches the owner alone, which then lets go of the pipe.
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.unref();
  let exited = false;
  const ended = once(child.stdout, "data").then(() => {
    exited = true;
  });
  unreference(child);
  const closed = once(child, "close");
  const log = (): Promise<string> => readLog(directory);
  return {
    directory,
    log,
    logged: (pattern) => waitForLog({ directory, pattern, hasExited: () => exited }),
    hasExited: () => exited,
    kill: async (pidFile) => {
      process.kill(Number(await readFile(join(directory, pidFile), "utf8")), "SIGKILL");
      await ended;
    },
    stop: async () => {
      child.stdin.end();
      child.ref();
      await closed;
    },
  };
}

/** A service never keeps its owner running. */
function unreference(child: ChildProcess): void {
  for (const stream of [child.stdin, child.stdout]) {
    (stream as unknown as { unref(): void }).unref();
  }
}

async function readLog(directory: string): Promise<string> {
  try {
    return await readFile(join(directory, "log"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

type LogWait = Readonly<{ directory: string; pattern: RegExp; hasExited: () => boolean }>;

async function waitForLog({ directory, pattern, hasExited }: LogWait): Promise<string> {
  let log = "";
  return await waitUntil(
    async () => {
      // Read in this order, so that what was printed before the end is seen.
      const ended = hasExited();
      log = await readLog(directory);
      const match = pattern.exec(log);
      if (match === null && ended)
        throw new Error(`the service ended before it was ready:\n${log.slice(-4000)}`);
      return match?.[1];
    },
    { what: `${pattern} in ${directory}/log` },
  );
}
