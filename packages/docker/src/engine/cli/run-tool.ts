import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { execa, type ResultPromise } from "execa";
import type { Environment } from "../docker-config.ts";
import { descendantsOf, endProcess } from "./processes.ts";

/** How an abort ends a tool. `step`: what it runs is killed, and it cleans up as after a step that failed. */
export type Ending = "interrupt" | "step";

export type ToolRun = Readonly<{
  /** The program and its arguments, which everybody on the machine can read. */
  command: readonly string[];
  /** Laid over this process' own. */
  environment: Environment;
  input?: Readable | undefined;
  endedBy: Ending;
  signal: AbortSignal;
  /** Has standard error written to standard output as well: of two pipes nobody can tell what came first. */
  isMerged?: boolean;
  read?(part: Uint8Array): void;
}>;

/** `stderr`: its end. `wasKilled`: somebody else ended the tool. */
export type ToolResult = Readonly<{ exitCode: number; stdout: string; stderr: string; wasKilled: boolean }>;

const KEPT_LENGTH = 64 * 1024;
const LOOK_MS = 50;
/** An interrupt is sent again after so many looks. */
const INTERRUPT_LOOKS = 20;
/** A tool that has not cleaned up by then does not. */
const PATIENCE_MS = 10_000;

/**
 * Runs a tool to its end. No shell reads its command.
 *
 * @throws the error of the input's producer; the signal's reason on abort, when the tool and what it ran have ended
 */
export async function runTool(run: ToolRun): Promise<ToolResult> {
  run.signal.throwIfAborted();
  const tool = startTool(run);
  const outputs = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    tool[name].on("data", (part: Buffer) => {
      run.read?.(part);
      outputs[name] = (outputs[name] + part.toString()).slice(-KEPT_LENGTH);
    });
  }
  const fault = feed(tool, run.input);
  const { exitCode = 1, signal } = await endedTool(tool, run);
  run.signal.throwIfAborted();
  const { error } = (await fault) ?? {};
  if (error !== undefined) throw error;
  return { exitCode, ...outputs, wasKilled: signal !== undefined };
}

const toolOptions = { stdout: "pipe", stderr: "pipe", buffer: false, reject: false, detached: true } as const;

type ToolEnd = Readonly<{ exitCode?: number | undefined; signal?: string | undefined }>;

/** Only where there is input is there a standard input to write to. */
type Tool = Pick<ResultPromise<typeof toolOptions>, "pid" | "stdout" | "stderr"> &
  PromiseLike<ToolEnd> &
  Readonly<{ stdin: Writable | null }>;

/** In a group of its own: what a terminal interrupts is ours to end. */
function startTool({ command, environment, input, isMerged = false }: ToolRun): Tool {
  const [program = "", ...words] = isMerged ? mergedCommand(command) : command;
  return execa(program, words, {
    ...toolOptions,
    env: definedOnly(environment),
    stdin: input === undefined ? "ignore" : "pipe",
  });
}

/** The shell is replaced by the tool, so it is the tool that has its process id. Windows has no such shell. */
function mergedCommand(command: readonly string[]): readonly string[] {
  return process.platform === "win32" ? command : ["/bin/sh", "-c", 'exec "$@" 2>&1', "sh", ...command];
}

function definedOnly(environment: Environment): Record<string, string> {
  const entries = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}

/** A tool that stops reading has its own reasons, and says them. */
async function feed(tool: Tool, input: Readable | undefined): Promise<{ error: unknown } | undefined> {
  if (input === undefined || !tool.stdin) return undefined;
  let producer: { error: unknown } | undefined;
  input.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") producer ??= { error };
  });
  await pipeline(input, tool.stdin).catch(() => {
    if (producer !== undefined && tool.pid !== undefined) endProcess(-tool.pid, "SIGKILL");
  });
  return producer;
}

async function endedTool(tool: Tool, { signal, endedBy }: ToolRun): Promise<ToolEnd> {
  const state = { hasEnded: false };
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping = stopTool(tool.pid, endedBy, state);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await tool;
  } finally {
    state.hasEnded = true;
    signal.removeEventListener("abort", stop);
    await stopping;
  }
}

/** Steps that begin meanwhile are ended too. BuildKit's clients give up what they wait for at the third interrupt. */
async function stopTool(
  pid: number | undefined,
  endedBy: Ending,
  state: Readonly<{ hasEnded: boolean }>,
): Promise<void> {
  if (pid === undefined) return;
  const start = Date.now();
  for (let looks = 0; !state.hasEnded; looks += 1) {
    if (endedBy === "interrupt" && looks % INTERRUPT_LOOKS === 0) endProcess(-pid, "SIGINT");
    const below = await descendantsOf(pid);
    if (endedBy === "step") for (const one of below) endProcess(one, "SIGKILL");
    if (Date.now() - start > PATIENCE_MS) for (const one of [pid, ...below]) endProcess(one, "SIGKILL");
    await delay(LOOK_MS);
  }
}
