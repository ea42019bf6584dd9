import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ImageSpecError } from "@imagespec/core";

/** What a command prints as a token. Neither its output nor its arguments are shown when it fails. */
export async function runTokenCommand(command: readonly string[], signal: AbortSignal): Promise<string> {
  const [program, ...parameters] = command;
  const failed = (reason: string): ImageSpecError =>
    new ImageSpecError("UNION_SIGN_IN_FAILED", `the command that prints the token ${reason}`, {
      hint: "run admin.command or admin.proxyCommand of the configuration of Union by hand",
    });
  if (program === undefined) throw failed("is not set");
  const run = promisify(execFile)(program, parameters, { signal, timeout: 60_000, maxBuffer: 1024 * 1024 });
  const { stdout } = await run.catch((error: NodeJS.ErrnoException) => {
    signal.throwIfAborted();
    throw failed(`fails (${String(error.code ?? "killed")})`);
  });
  const token = stdout.trim();
  if (token === "" || /\s/.test(token)) throw failed("prints no token");
  return token;
}
