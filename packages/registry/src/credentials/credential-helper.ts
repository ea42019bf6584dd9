import type { Credential } from "@imagespec/core";
import { excerpt } from "../redact.ts";
import { RegistryFault } from "../registry-fault.ts";
import type { Environment } from "../transport/proxy-settings.ts";

export type HelperCall = Readonly<{
  /** What follows `docker-credential-` in the program's name. */
  name: string;
  serverUrl: string;
  environment: Environment;
  /** Milliseconds. */
  limit: number;
  signal: AbortSignal | undefined;
}>;

const NOT_FOUND = "credentials not found in native keychain";
const MAX_OUTPUT = 64 * 1024;

type Outcome = Readonly<{ code: number | null; output: string }>;

/**
 * Asks a credential helper by docker's protocol. Undefined: it has nothing for this server.
 *
 * Rejects with a `RegistryFault`: `credential-helper-missing` where the program is not there,
 * `credential-helper-timeout` where it does not answer (a locked keychain asks somebody), else
 * `credential-helper-failed`.
 *
 * @see https://github.com/docker/docker-credential-helpers#development
 */
export async function askCredentialHelper(call: HelperCall): Promise<Credential | undefined> {
  if (!/^[A-Za-z0-9._-]+$/.test(call.name))
    throw failed(call, "its name holds characters that no helper's has");
  const { code, output } = await run(call);
  if (code !== 0 && output.trim() === NOT_FOUND) return undefined;
  if (code !== 0) throw failed(call, excerpt(output) || `it ended with ${code ?? "a signal"}`);
  return credentialOf(call, output);
}

function credentialOf(call: HelperCall, output: string): Credential | undefined {
  const { Username: username, Secret: secret } = parse(call, output);
  if (typeof username !== "string" || typeof secret !== "string")
    throw failed(call, "its answer lacks Username or Secret");
  const source = `docker-credential-${call.name}`;
  if (username === "<token>") return { kind: "identityToken", token: secret, source };
  return username === "" && secret === "" ? undefined : { kind: "basic", username, password: secret, source };
}

/** What a helper prints may hold a secret, so no part of it goes into a message. */
function parse(call: HelperCall, output: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(output);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) throw failed(call, "its answer is not JSON");
    throw error;
  }
}

async function run(call: HelperCall): Promise<Outcome> {
  const { spawn } = await import("node:child_process");
  return new Promise((resolve, reject) => {
    const child = spawn(`docker-credential-${call.name}`, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...call.environment },
      killSignal: "SIGKILL",
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
    const end = (error: unknown): void => {
      child.kill("SIGKILL");
      child.stdout.destroy();
      reject(error);
    };
    const timer = setTimeout(() => end(timedOut(call)), call.limit);
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > MAX_OUTPUT) end(failed(call, "its answer has no end"));
    });
    child.on("error", (error) => reject(spawnFault(error, call)));
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
    // A helper may end without reading its input: its answer counts, not the broken pipe.
    child.stdin.on("error", () => undefined).end(`${call.serverUrl}\n`);
  });
}

function spawnFault(error: NodeJS.ErrnoException, call: HelperCall): unknown {
  if (call.signal?.aborted) return call.signal.reason;
  if (error.code !== "ENOENT") return failed(call, error.code ?? error.message);
  return new RegistryFault("credential-helper-missing", {
    detail: `docker-credential-${call.name} is not on PATH`,
    hint: `install it, or take "${call.name}" out of credsStore or credHelpers`,
  });
}

function timedOut(call: HelperCall): RegistryFault {
  return new RegistryFault("credential-helper-timeout", {
    detail: `docker-credential-${call.name} gave no answer for ${call.serverUrl} within ${call.limit / 1000} s`,
    hint: `unlock the keychain it asks, or try: echo ${call.serverUrl} | docker-credential-${call.name} get`,
  });
}

function failed(call: HelperCall, why: string): RegistryFault {
  const name = JSON.stringify(`docker-credential-${call.name}`.slice(0, 80));
  return new RegistryFault("credential-helper-failed", {
    detail: `${name} failed for ${call.serverUrl}: ${why}`,
    hint: "see credsStore and credHelpers in the credentials file",
  });
}
