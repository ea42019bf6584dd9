import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import type { Duplex, Readable } from "node:stream";
import { ImageSpecError } from "@imagespec/core";
import Modem from "docker-modem";
import type { Endpoint } from "./endpoint.ts";
import { engineFault } from "./engine-fault.ts";
import { SshAgent } from "./ssh-agent.ts";

export type EngineRequest = Readonly<{
  signal: AbortSignal;
  method?: "GET" | "POST" | "DELETE" | undefined;
  query?: Readonly<Record<string, string>> | undefined;
  headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  body?: Readable | undefined;
  /** Sent as `X-Registry-Auth`. */
  registryLogin?: Readonly<Record<string, string>> | undefined;
  /** Answered statuses that are no failure, beside 200. */
  accept?: readonly number[] | undefined;
}>;

/** Docker's HTTP API at one endpoint. Every method rejects with the signal's reason once it is aborted. */
export type Engine = Readonly<{
  endpoint: Endpoint;
  /** The typed error for what went wrong in talking to it. */
  faultOf(error: unknown): ImageSpecError;
  /** The parsed JSON of the answer. */
  json(path: string, request: EngineRequest): Promise<unknown>;
  /** The body of a 200, as it comes. */
  stream(path: string, request: EngineRequest): Promise<Readable>;
  /** The socket behind a `101 Switching Protocols`. */
  upgrade(path: string, protocol: string, request: EngineRequest): Promise<Duplex>;
}>;

/** Talks to nobody yet. */
export function connectEngine(endpoint: Endpoint): Engine {
  const modem = createModem(endpoint);
  const send = (path: string, request: EngineRequest, more: Partial<Modem.DialOptions> = {}) =>
    dial(modem, { ...dialOptions(path, request), ...more }).catch((error: unknown) => {
      if (request.signal.aborted) throw request.signal.reason;
      throw engineFault(error, endpoint);
    });
  return {
    endpoint,
    faultOf: (error) => engineFault(error, endpoint),
    json: (path, request) => send(path, request),
    stream: async (path, request) => (await send(path, request, { isStream: true })) as Readable,
    upgrade: async (path, protocol, request) =>
      (await send(path, request, {
        method: "POST",
        hijack: true,
        statusCodes: {},
        headers: { ...copyHeaders(request), Upgrade: protocol },
      })) as Duplex,
  };
}

/** Every option is given, for docker-modem takes from the environment what is missing. */
function createModem(endpoint: Endpoint): Modem {
  try {
    return new Modem(modemOptions(endpoint));
  } catch (cause) {
    throw new ImageSpecError("ENGINE_TLS", "the engine's certificates cannot be read", {
      cause,
      hint: "export DOCKER_CERT_PATH=/folder/with/ca.pem,cert.pem,key.pem",
    });
  }
}

function modemOptions(endpoint: Endpoint): Modem.ConstructorOptions {
  switch (endpoint.kind) {
    case "unix":
      return unixOptions(endpoint.path);
    case "tcp":
      return tcpOptions(endpoint);
    case "ssh":
      return { ...unixOptions(undefined), host: "http://docker", port: 80, agent: new SshAgent(endpoint) };
  }
}

function unixOptions(socketPath: string | undefined): Modem.ConstructorOptions {
  return { host: undefined, port: undefined, socketPath, protocol: "http", agent: new Agent() };
}

function tcpOptions({ host, port, tls }: Endpoint & { kind: "tcp" }): Modem.ConstructorOptions {
  const protocol = tls === undefined ? "http" : "https";
  const agent = tls === undefined ? new Agent() : new TlsAgent({ rejectUnauthorized: tls.verify });
  const { ca, cert, key } = tls ?? {};
  return { host: `${protocol}://${host}`, port, socketPath: undefined, protocol, agent, ca, cert, key };
}

function dialOptions(path: string, request: EngineRequest): Modem.DialOptions {
  return {
    path: `${path}?`,
    method: request.method ?? "GET",
    options: { _query: { ...request.query }, _body: {} },
    headers: copyHeaders(request),
    ...(request.body === undefined ? {} : { file: request.body }),
    ...(request.registryLogin === undefined ? {} : { authconfig: { ...request.registryLogin } }),
    statusCodes: Object.fromEntries([200, 201, ...(request.accept ?? [])].map((status) => [status, true])),
    abortSignal: request.signal,
  };
}

function copyHeaders(request: EngineRequest): Record<string, string | string[]> {
  const entries = Object.entries(request.headers ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
}

function dial(modem: Modem, options: Modem.DialOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    modem.dial(options, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}
