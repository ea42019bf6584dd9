import { copyFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { ImageSpecError } from "@imagespec/core";
import type { BuildPlan } from "@imagespec/core/builder";
import type { EnvdBuilderKind, EnvdOptions } from "../options.ts";
import { askEnvd, type EnvdProgram } from "./run-envd.ts";

/** What envd builds on, and under which name its home knows it. */
export type EnvdContext = Readonly<{ builder: EnvdBuilderKind; address?: string | undefined }>;

/** The registry of Flyte's sandbox, just so and without a path, and the buildkitd that can push to it, as in flytekit. */
const SANDBOX_REGISTRY = "localhost:30000";
const SANDBOX_BUILDER: EnvdContext = { builder: "tcp", address: "localhost:30003" };
/** envd's own, which a fresh home has. */
const DEFAULT_BUILDER: EnvdContext = { builder: "moby-worker" };

/** The context that the options, the environment or the registry choose, in this order. */
export function chooseContext(options: EnvdOptions, plan: BuildPlan): string | EnvdContext {
  const named = options.context ?? (process.env.FLYTE_ENVD_CONTEXT || undefined);
  if (named !== undefined) return named;
  return plan.destination.registry === SANDBOX_REGISTRY ? SANDBOX_BUILDER : DEFAULT_BUILDER;
}

function notFound(name: string, cause: unknown): ImageSpecError {
  return new ImageSpecError("ENVD_CONTEXT_NOT_FOUND", `your envd has no context ${JSON.stringify(name)}`, {
    field: "builderOptions.envd.context",
    hint: "envd context ls   lists them; FLYTE_ENVD_CONTEXT names one too",
    cause,
  });
}

/** A line of the table: ` name (current)  builder  builder://address  runner `. */
function currentContext(table: string): EnvdContext | undefined {
  const line = table.split("\n").find((one) => /\S \(current\)\s/.test(one));
  const [, builder, address] = /\s([a-z-]+):\/\/(\S*)/.exec(line ?? "") ?? [];
  return builder === undefined ? undefined : { builder: builder as EnvdBuilderKind, address };
}

/** The user's own contexts are read, never changed: envd gets a copy of them in its home. */
async function useNamed(program: EnvdProgram, name: string): Promise<EnvdContext> {
  const place = join(".config", "envd", "contexts");
  try {
    await copyFile(join(process.env.HOME || homedir(), place), join(program.home.directory, place));
  } catch (cause) {
    throw notFound(name, cause);
  }
  try {
    await askEnvd(program, ["context", "use", "--name", name]);
  } catch (cause) {
    program.signal.throwIfAborted();
    throw notFound(name, cause);
  }
  const context = currentContext(await askEnvd(program, ["context", "ls"]));
  if (context === undefined) throw notFound(name, undefined);
  return context;
}

/**
 * Makes envd's home build on what is wanted.
 *
 * @throws ImageSpecError `ENVD_CONTEXT_NOT_FOUND`
 */
export async function useContext(program: EnvdProgram, wanted: string | EnvdContext): Promise<EnvdContext> {
  if (typeof wanted === "string") return useNamed(program, wanted);
  const { builder, address } = wanted;
  if (builder === "moby-worker") return wanted;
  const target = ["--builder", builder, "--builder-address", address ?? ""];
  await askEnvd(program, ["context", "create", "--name", "imagespec", ...target, "--use"]);
  return wanted;
}
