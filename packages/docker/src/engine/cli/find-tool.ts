import { ImageSpecError } from "@imagespec/core";
import type { Environment } from "../docker-config.ts";
import { runTool, type ToolResult } from "./run-tool.ts";

/** A tool that is there answers at once. */
const ANSWER_MS = 15_000;

export type Question = Readonly<{ environment: Environment; signal: AbortSignal }>;

/**
 * What a tool says, without doing anything.
 *
 * @throws ImageSpecError `ENGINE_NOT_FOUND` where it cannot be run, or fails
 */
export async function askTool(
  command: readonly string[],
  { environment, signal }: Question,
): Promise<ToolResult> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  try {
    const result = await runTool({ command, environment, endedBy: "interrupt", signal: limit });
    if (result.exitCode === 0) return result;
    throw notUsable(command, result.stderr.trim() || `exit code ${result.exitCode}`);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (limit.aborted) throw notUsable(command, "it does not answer");
    throw error;
  }
}

function notUsable(command: readonly string[], why: string): ImageSpecError {
  const [program = ""] = command;
  return new ImageSpecError("ENGINE_NOT_FOUND", `${program} cannot be used: ${why}`, {
    hint: `${command.join(" ")}   has to work`,
  });
}

/** The first number in it that looks like a version. */
export function versionIn(text: string): string {
  return /\d+\.\d+(?:\.\d+)?/.exec(text)?.[0] ?? "unknown";
}
