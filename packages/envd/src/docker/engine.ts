import { ImageSpecError } from "@imagespec/core";
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

/** The typed error for an engine that does not answer, or no more. */
export function unreachable(cause: unknown): ImageSpecError {
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
