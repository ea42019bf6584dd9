import { ImageSpecError } from "@imagespec/core";
import type { Environment } from "../docker-config.ts";
import { type LocalImage, localImageOf } from "../local-image.ts";
import { askTool, type Question } from "./find-tool.ts";

const REMOVAL_MS = 30_000;

/**
 * The image that an inspecting command tells of; undefined where it fails, for there is none then. `described` makes of
 * its answer what Docker's engine would answer.
 */
export async function findToolImage(
  command: readonly string[],
  question: Question,
  described: (answer: unknown) => unknown = (answer) => answer,
): Promise<LocalImage | undefined> {
  try {
    const { stdout } = await askTool(command, question);
    const answer: unknown = JSON.parse(stdout);
    return localImageOf(described(Array.isArray(answer) ? answer[0] : answer));
  } catch (error) {
    if (question.signal.aborted) throw error;
    return undefined;
  }
}

/** An image or container. Also after an abort. One that is in use, or gone already, is left as it is. */
export async function removeToolImage(command: readonly string[], environment: Environment): Promise<void> {
  try {
    await askTool(command, { environment, signal: AbortSignal.timeout(REMOVAL_MS) });
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
  }
}
