import { ImageSpecError } from "@imagespec/core";
import { type Command, CommanderError } from "commander";
import { type ExitCode, exitCodeOf, exitCodes } from "./exit-code.ts";
import { refuseUnsupportedHost } from "./host.ts";
import { Interrupt } from "./interrupt.ts";
import { applyEnvironment } from "./options/environment.ts";
import type { CommonFlags, EmitFlags, InitFlags } from "./options/flags.ts";
import { errorDocument } from "./output/error-document.ts";
import { asImageSpecError, formatError } from "./output/format-error.ts";
import { writeDocument } from "./output/json-document.ts";
import { processSurroundings, type Surroundings } from "./output/surroundings.ts";
import { type CommandName, commandNames, createProgram } from "./program.ts";
import type { Invocation } from "./session.ts";
import { usageError } from "./usage-error.ts";

type RunInvocation = (invocation: Invocation<EmitFlags & InitFlags>) => Promise<ExitCode>;

/** Each is loaded when it is called. */
const commands: Readonly<Record<CommandName, () => Promise<RunInvocation>>> = {
  build: async () => (await import("./commands/build.ts")).build,
  plan: async () => (await import("./commands/plan.ts")).plan,
  tag: async () => (await import("./commands/tag.ts")).tag,
  exists: async () => (await import("./commands/exists.ts")).exists,
  explain: async () => (await import("./commands/explain.ts")).explain,
  emit: async () => (await import("./commands/emit.ts")).emit,
  builders: async () => (await import("./commands/builders.ts")).builders,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  init: async () => (await import("./commands/init.ts")).init,
  lock: async () => (await import("./commands/lock.ts")).lock,
  completion: async () => {
    const { completion } = await import("./commands/completion.ts");
    return (invocation) =>
      completion(
        invocation,
        createProgram(commandNames, async () => {}),
      );
  },
  "check-public": async () => (await import("./commands/check-public.ts")).checkPublic,
};

/** Help and the version are results; what commander says of a wrong call is thrown, to be told like every error. */
function configure(program: Command, { stdout }: Surroundings): Command {
  const silent = { writeOut: (text: string) => stdout.write(text), writeErr: () => {} };
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput(silent);
  return program;
}

function asUsageError(error: CommanderError): ImageSpecError {
  const [message = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const hint = suggestion?.replace(/^\(|\)$/g, "");
  return usageError(message, hint ? { hint } : {});
}

type Run = Readonly<{
  surroundings: Surroundings;
  flags: Pick<CommonFlags, "json" | "debug">;
  error: unknown;
  interrupted?: boolean;
}>;

/** Tells people why the command ended, and with `--json` programs, too. */
function tell({ surroundings, flags, error: thrown, interrupted = false }: Run): ExitCode {
  const { stderr, paint } = surroundings;
  const debug = flags.debug === true;
  const error = interrupted ? new ImageSpecError("ABORTED", "interrupted", { cause: thrown }) : thrown;
  stderr.write(interrupted && !debug ? "interrupted\n" : formatError(error, { paint, debug }));
  if (flags.json) writeDocument({ error: errorDocument(asImageSpecError(error)) }, surroundings);
  return exitCodeOf(error);
}

async function runCommand(
  name: CommandName,
  sources: readonly string[],
  { command, surroundings }: Readonly<{ command: Command; surroundings: Surroundings }>,
): Promise<ExitCode> {
  const { stderr } = surroundings;
  const interrupt = new Interrupt(() => stderr.write("cancelling; once more to end at once\n"));
  const { signal } = interrupt;
  try {
    applyEnvironment(command, surroundings.environment);
    const flags = command.opts<EmitFlags & InitFlags>();
    const listen = (): void => interrupt.listen();
    const run = await commands[name]();
    const code = await run({ sources, flags, surroundings, signal, listen });
    return signal.aborted ? exitCodes.interrupted : code;
  } catch (error) {
    return tell({ surroundings, flags: command.opts<CommonFlags>(), error, interrupted: signal.aborted });
  } finally {
    interrupt.stop();
  }
}

/**
 * Runs the command line.
 *
 * @param argv without node and the script
 * @returns the exit code; nothing is left to be written then
 */
export async function main(
  argv: readonly string[],
  surroundings: Surroundings = processSurroundings(),
): Promise<number> {
  let exitCode: ExitCode = exitCodes.done;
  const program = createProgram(argv, async (name, sources, command) => {
    exitCode = await runCommand(name, sources, { command, surroundings });
  });
  try {
    refuseUnsupportedHost(process.platform);
    await configure(program, surroundings).parseAsync(argv, { from: "user" });
  } catch (error) {
    // The flags of a line that cannot be understood are not known; this one is looked for as it is.
    const flags = { json: argv.includes("--json") };
    if (!(error instanceof CommanderError)) exitCode = tell({ surroundings, flags, error });
    else if (error.exitCode !== 0) exitCode = tell({ surroundings, flags, error: asUsageError(error) });
  }
  await Promise.all([surroundings.stdout.flush(), surroundings.stderr.flush()]);
  return exitCode;
}
