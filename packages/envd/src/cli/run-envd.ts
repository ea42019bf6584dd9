import { ImageSpecError } from "@imagespec/core";
import { execa, type ResultPromise } from "execa";
import { childOptions, endWithProcess } from "./end-with-process.ts";
import type { EnvdHome } from "./envd-home.ts";
import { lastError } from "./last-error.ts";

/** envd at one place, with one home. */
export type EnvdProgram = Readonly<{ binary: string; home: EnvdHome; signal: AbortSignal }>;

/** How envd ended: `exitCode` is undefined where a signal ended it. */
export type EnvdEnd = Readonly<{
  exitCode: number | undefined;
  signal: string | undefined;
  timedOut: boolean;
}>;

/** Told each line as it comes. */
export type LineSink = Readonly<{ stdout(line: string): void; stderr(line: string): void }>;

const options = { ...childOptions, extendEnv: true, forceKillAfterDelay: 2000 } as const;

async function forward(lines: AsyncIterable<string>, sink: (line: string) => void): Promise<void> {
  for await (const line of lines) sink(line);
}

type Running = ResultPromise<typeof options & { buffer: false }>;

async function ended(running: Running, { binary }: EnvdProgram): Promise<EnvdEnd> {
  const { exitCode, signal, timedOut, cause } = await running;
  if (exitCode === undefined && signal === undefined && !timedOut) {
    throw new ImageSpecError("ENVD_NOT_STARTED", `${binary} cannot be started`, {
      field: "builderOptions.envd.binary",
      hint: "check that it is the program for this machine: envd version",
      cause,
    });
  }
  return { exitCode, signal, timedOut };
}

/**
 * Runs envd and hands on what it prints. Aborted, it ends envd, which ends the step on its builder.
 *
 * @throws ImageSpecError `ENVD_NOT_STARTED`; the signal's reason on abort
 */
export async function streamEnvd(
  program: EnvdProgram,
  words: readonly string[],
  { sink, timeout }: Readonly<{ sink: LineSink; timeout?: number | undefined }>,
): Promise<EnvdEnd> {
  const { binary, home, signal } = program;
  signal.throwIfAborted();
  const running = execa(binary, words, {
    ...options,
    buffer: false,
    env: home.environment,
    cancelSignal: signal,
    ...(timeout !== undefined && { timeout: timeout * 1000 }),
  });
  endWithProcess(running);
  const [end] = await Promise.all([
    ended(running as Running, program),
    forward(running.iterable({ from: "stdout" }), sink.stdout),
    forward(running.iterable({ from: "stderr" }), sink.stderr),
  ]);
  signal.throwIfAborted();
  return end;
}

/**
 * What a short command prints.
 *
 * @throws ImageSpecError `ENVD_COMMAND_FAILED` with what envd said
 */
export async function askEnvd(program: EnvdProgram, words: readonly string[]): Promise<string> {
  const lines: Record<keyof LineSink, string[]> = { stdout: [], stderr: [] };
  const sink: LineSink = {
    stdout: (line) => lines.stdout.push(line),
    stderr: (line) => lines.stderr.push(line),
  };
  const { exitCode } = await streamEnvd(program, words, { sink, timeout: 60 });
  if (exitCode === 0) return lines.stdout.join("\n");
  const said = lastError(lines.stderr);
  throw new ImageSpecError("ENVD_COMMAND_FAILED", `envd ${words.slice(0, 2).join(" ")} failed: ${said}`, {
    hint: "envd context ls   shows what is there; envd version   the version, which has to be 1.3",
  });
}
