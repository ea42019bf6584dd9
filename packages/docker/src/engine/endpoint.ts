import { existsSync } from "node:fs";
import { join } from "node:path";
import { ImageSpecError } from "@imagespec/core";
import {
  currentContext,
  dockerConfigFolder,
  type Environment,
  readContext,
  readOptional,
} from "./docker-config.ts";

export type TlsFiles = Readonly<{
  ca?: Buffer | undefined;
  cert?: Buffer | undefined;
  key?: Buffer | undefined;
  verify: boolean;
}>;

/** Where an engine listens. `source` says who named it, for messages. */
export type Endpoint = Readonly<
  { address: string; source: string } & (
    | { kind: "unix"; path: string }
    | { kind: "tcp"; host: string; port: number; tls?: TlsFiles | undefined }
    /** `arguments`: of the ssh command, up to and with the host. `path`: of a socket there, where one is named. */
    | { kind: "ssh"; arguments: readonly string[]; path?: string | undefined }
  )
>;

type Origin = Readonly<{ address: string; source: string; tls(): Promise<TlsFiles | undefined> }>;

const PLAIN_PORT = 2375;
const TLS_PORT = 2376;

/**
 * The engine that docker's own command would talk to: `DOCKER_HOST` with its TLS variables, else the context that
 * `DOCKER_CONTEXT` or config.json names, else the first of the usual sockets that is there.
 *
 * @throws ImageSpecError `ENGINE_ADDRESS_INVALID`, `DOCKER_CONTEXT_NOT_FOUND`, `DOCKER_CONFIG_INVALID`
 */
export async function findEndpoint(environment: Environment = process.env): Promise<Endpoint> {
  const origin = await findOrigin(environment);
  return parseAddress(origin, await origin.tls());
}

/** True where the user names an engine, rather than leaving it to what is there. */
export async function isEndpointNamed(environment: Environment): Promise<boolean> {
  return Boolean(environment.DOCKER_HOST) || (await currentContext(environment)) !== undefined;
}

async function findOrigin(environment: Environment): Promise<Origin> {
  if (environment.DOCKER_HOST) {
    const tls = () => variablesTls(environment);
    return { address: environment.DOCKER_HOST, source: "DOCKER_HOST", tls };
  }
  const name = await currentContext(environment);
  if (name !== undefined) {
    const { address, skipVerify, files } = await readContext(environment, name);
    return { address, source: `docker context ${name}`, tls: () => readTls(files, !skipVerify) };
  }
  const address = `unix://${usualSocket(environment)}`;
  return { address, source: "default", tls: async () => undefined };
}

/** As docker's own command reads them: any value of `DOCKER_TLS_VERIFY` turns both TLS and the verification on. */
async function variablesTls(environment: Environment): Promise<TlsFiles | undefined> {
  if (!environment.DOCKER_TLS_VERIFY && !environment.DOCKER_TLS) return undefined;
  const folder = environment.DOCKER_CERT_PATH || dockerConfigFolder(environment);
  const files = await readTls(folder, Boolean(environment.DOCKER_TLS_VERIFY));
  return files ?? { verify: Boolean(environment.DOCKER_TLS_VERIFY) };
}

async function readTls(folder: string, verify: boolean): Promise<TlsFiles | undefined> {
  const read = (name: string) => readOptional(join(folder, name));
  const [ca, cert, key] = await Promise.all([read("ca.pem"), read("cert.pem"), read("key.pem")]);
  if (ca === undefined && cert === undefined && key === undefined && verify) return undefined;
  return { ca, cert, key, verify };
}

function usualSocket(environment: Environment): string {
  const home = environment.HOME ?? "";
  const paths = [
    "/var/run/docker.sock",
    ...(environment.XDG_RUNTIME_DIR ? [join(environment.XDG_RUNTIME_DIR, "docker.sock")] : []),
    ...(home === ""
      ? []
      : [join(home, ".docker/run/docker.sock"), join(home, ".docker/desktop/docker.sock")]),
  ];
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}

function parseAddress({ address, source }: Origin, tls: TlsFiles | undefined): Endpoint {
  const [, scheme = "tcp", rest = ""] = /^(?:([a-z]+):\/\/)?(.*)$/s.exec(address) ?? [];
  if (scheme === "unix" && rest.startsWith("/")) return { kind: "unix", address, source, path: rest };
  if (scheme === "ssh") return parseSsh(address, source);
  const url = ["tcp", "http", "https"].includes(scheme) ? parseUrl(`http://${rest}`) : undefined;
  if (url === undefined) throw invalidAddress(address, source);
  const secure = tls ?? (scheme === "https" ? { verify: true } : undefined);
  const port = Number(url.port || (secure === undefined ? PLAIN_PORT : TLS_PORT));
  return { kind: "tcp", address, source, host: url.hostname, port, tls: secure };
}

/** `URL` drops a port of 80, which is why the text is asked for it. */
function parseUrl(text: string): { hostname: string; port: string } | undefined {
  if (!URL.canParse(text)) return undefined;
  const { hostname, username, password, pathname } = new URL(text);
  if (hostname === "" || username !== "" || password !== "" || pathname !== "/") return undefined;
  return { hostname, port: /:(\d+)\/?$/.exec(text)?.[1] ?? "" };
}

function invalidAddress(address: string, source: string): ImageSpecError {
  const shown = address.replace(/\/\/[^/]*@/, "//…@");
  return new ImageSpecError(
    "ENGINE_ADDRESS_INVALID",
    `${source} names ${JSON.stringify(shown)}, which is no address of an engine`,
    { hint: "export DOCKER_HOST=unix:///var/run/docker.sock   (or tcp://HOST:2376)" },
  );
}

/**
 * As docker's own command reads it: `ssh://[USER@]HOST[:PORT][/SOCKET]`. Nothing of it is taken for an option of ssh.
 *
 * @see https://docs.docker.com/engine/security/protect-access/#use-ssh-to-protect-the-docker-daemon-socket
 */
function parseSsh(address: string, source: string): Endpoint {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isGood = url !== undefined && url.hostname !== "" && url.password === "" && !url.search && !url.hash;
  if (!isGood || /^-/.test(url.username) || /^-/.test(url.hostname)) throw invalidAddress(address, source);
  const user = url.username === "" ? [] : ["-l", decodeURIComponent(url.username)];
  const port = url.port === "" ? [] : ["-p", url.port];
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const path = url.pathname.length > 1 ? decodeURIComponent(url.pathname) : undefined;
  return { kind: "ssh", address, source, arguments: [...user, ...port, "--", host], path };
}
