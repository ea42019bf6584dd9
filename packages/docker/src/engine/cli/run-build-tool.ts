import type { EmittedFile, ImageSpecError } from "@imagespec/core";
import { buildFailure } from "../build/build-failure.ts";
import { BuildProgress } from "../build/build-progress.ts";
import type { Environment } from "../docker-config.ts";
import type { BuildOrder } from "../drivers/driver.ts";
import { engineVanished } from "../drivers/engine-vanished.ts";
import type { Remedies } from "../drivers/remedies.ts";
import type { ProgressReader } from "../progress/progress-reader.ts";
import { type Ending, runTool } from "./run-tool.ts";

export type BuildTool = Readonly<{
  command: readonly string[];
  environment: Environment;
  endedBy: Ending;
  reader: ProgressReader;
  remedies: Remedies;
  /** More of the context. */
  files?: readonly EmittedFile[];
  /** True where the command itself names a folder that holds the context; default: it comes by standard input. */
  hasFolder?: boolean;
  /** Why it failed, where that is not a fault of the build. */
  explain?(message: string): ImageSpecError | undefined;
}>;

/**
 * Runs a tool that builds the context of an order, and shows what it does.
 *
 * @returns the end of what it printed
 * @throws ImageSpecError `BUILD_STEP_FAILED` and its kin; the signal's reason on abort
 */
export async function runBuildTool(order: BuildOrder, tool: BuildTool): Promise<string> {
  const { command, environment, endedBy, reader, remedies, files = [], hasFolder = false } = tool;
  const { image, emit, base, platforms, signal } = order;
  const progress = new BuildProgress(image, emit);
  const input = hasFolder ? undefined : order.context(files);
  try {
    const { exitCode, stdout, stderr, wasKilled } = await runTool({
      command,
      environment: { ...environment, ...order.buildArguments },
      endedBy,
      input,
      signal,
      isMerged: true,
      read: (part) => progress.accept(reader.read(part)),
    });
    const printed = `${stdout}${stderr}`;
    const error =
      exitCode === 0 ? undefined : (reader.error() ?? lastLine(printed) ?? `exit code ${exitCode}`);
    progress.accept(reader.end(error));
    progress.finish();
    if (error === undefined) return printed;
    if (wasKilled) throw engineVanished(command[0] ?? "", image);
    const steps = progress.steps();
    throw (
      tool.explain?.(error) ??
      buildFailure({ message: error, steps, image, base, platform: platforms.join(","), remedies })
    );
  } finally {
    progress.finish();
    input?.destroy();
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1) || undefined;
}
