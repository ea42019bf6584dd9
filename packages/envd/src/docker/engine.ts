import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Credential, DOCKER_HUB, ImageSpecError } from "@imagespec/core";
import Modem from "docker-modem";

/** A request to Docker's HTTP API, at the engine that envd itself talks to: `DOCKER_HOST` and its TLS variables. */
export type EngineRequest = Readonly<{
  path: string;
  method: "GET" | "POST";
  query?: Readonly<Record<string, string>> | undefined;
  login?: Readonly<Record<string, string>> | undefined;
  isStream?: boolean | undefined;
  signal: AbortSignal;
}>;

function unreachable(cause: unknown): ImageSpecError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new ImageSpecError(
    "ENVD_DOCKER_UNREACHABLE",
    `Docker's engine does not answer: ${code ?? message}`,
    {
      hint: 'start it, set DOCKER_HOST, or build on a buildkitd: builderOptions.envd.context: { builder: "unix", address }',
      cause,
    },
  );
}

/** The answer; undefined for a 404. */
export async function askEngine(request: EngineRequest): Promise<unknown> {
  const { path, method, query, login, isStream, signal } = request;
  signal.throwIfAborted();
  const options: Modem.DialOptions = {
    path: `${path}?`,
    method,
    options: { _query: { ...query }, _body: {} },
    statusCodes: { 200: true },
    abortSignal: signal,
    ...(login && { authconfig: { ...login } }),
    ...(isStream && { isStream }),
  };
  return new Promise((resolve, reject) => {
    new Modem().dial(options, (error: unknown, answer: unknown) => {
      if (!error) resolve(answer);
      else if ((error as { statusCode?: number }).statusCode === 404) resolve(undefined);
      else reject(signal.aborted ? signal.reason : unreachable(error));
    });
  });
}

/** The objects of an answer that has one a line. */
export async function* readMessages(stream: Readable): AsyncGenerator<Readonly<Record<string, unknown>>> {
  for await (const line of createInterface({ input: stream })) {
    if (line.trim() !== "") yield JSON.parse(line) as Readonly<Record<string, unknown>>;
  }
}

/** The login for `X-Registry-Auth`. Anonymous is an empty one: older engines refuse a push without the header. */
export function engineLogin(
  host: string,
  credential: Credential | undefined,
): Readonly<Record<string, string>> {
  const serveraddress = host === DOCKER_HUB ? "https://index.docker.io/v1/" : host;
  if (credential === undefined) return {};
  if (credential.kind === "token") return { registrytoken: credential.token };
  if (credential.kind === "identityToken") return { identitytoken: credential.token, serveraddress };
  return { username: credential.username, password: credential.password, serveraddress };
}
