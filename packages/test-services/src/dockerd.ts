import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { type Certificate, type CertificateAuthority, createCertificateAuthority } from "./certificates.ts";
import { ensureNewerDocker } from "./debian-programs.ts";
import { connectEngine } from "./engine.ts";
import { createServiceDirectory, type Service, serviceScript, startService } from "./service.ts";
import { ensureSystemPackages, systemPath } from "./system-packages.ts";

export type DockerdOptions = Readonly<{
  /** Where it listens beside nothing else: a unix socket (default), a loopback port, or one that wants a client certificate. */
  listen?: "unix" | "tcp" | "tls";
  /** More of the daemon's configuration (`daemon.json`). */
  configuration?: Readonly<Record<string, unknown>>;
  /** MiB of a file system of its own for what it stores; default: as much as there is. */
  disk?: number;
  /** Docker 26 instead of this machine's, see `ensureNewerDocker`. */
  newer?: boolean;
}>;

/** Client files as `DOCKER_CERT_PATH` wants them: `ca.pem`, `cert.pem`, `key.pem`. */
export type DockerTls = Readonly<{ certificatePath: string; ca: string; cert: string; key: string }>;

export type Dockerd = Readonly<{
  /** What `DOCKER_HOST` is set to: `unix:///…` or `tcp://127.0.0.1:PORT`. */
  dockerHost: string;
  /** Path of the unix socket, when it listens on one. */
  socketPath?: string;
  /** Set for `listen: "tls"`. */
  tls?: DockerTls;
  /** The engine's version, as 20.10.24. */
  version: string;
  /** Its own folder, below the system's temporary one; gone after `stop`. */
  directory: string;
  /** A client for looking at what the code under test did. */
  client: Docker;
  /** What the daemon has logged. */
  log(): Promise<string>;
  /** SIGKILL of the daemon and everything in it, as when its machine crashes; its socket file stays until `stop`. */
  kill(): Promise<void>;
  /** Ends it and removes all that it made. */
  stop(): Promise<void>;
}>;

/**
 * A private Docker engine: own data, socket, containerd, bridge and subnet. Several may run at once. It ends with
 * this process, however that ends. Registries on loopback may speak http, which is Docker's own default.
 * @throws Error when the engine cannot be installed or does not start.
 */
export async function startDockerd(options: DockerdOptions = {}): Promise<Dockerd> {
  await ensureSystemPackages(["dockerd", "ip", "iptables", "tini"]);
  const directory = createServiceDirectory("dockerd");
  const tls = options.listen === "tls" ? await createTlsFiles(directory) : undefined;
  await writeFile(join(directory, "daemon.json"), JSON.stringify(options.configuration ?? {}));
  const script = [serviceScript("dockerd.sh"), directory, ...ownDisk(directory, options.disk)];
  const daemon = ["sh", ...script, "dockerd", ...daemonOptions(directory, options.listen ?? "unix", tls)];
  const command = await withPath(daemon, options.newer === true);
  const service = startService(directory, command, { endedBy: "TERM" });
  try {
    return await describe(service, options.listen ?? "unix", tls?.client);
  } catch (error) {
    await service.stop();
    throw error;
  }
}

/** Everything that the daemon runs is looked for beside it first. */
async function withPath(command: readonly string[], newer: boolean): Promise<readonly string[]> {
  const path = newer ? `${(await ensureNewerDocker()).path}:${systemPath}` : systemPath;
  return ["env", `PATH=${path}`, ...command];
}

type TlsFiles = Readonly<{ authority: CertificateAuthority; server: Certificate; client: DockerTls }>;

async function createTlsFiles(directory: string): Promise<TlsFiles> {
  const authority = await createCertificateAuthority(join(directory, "tls"));
  const server = await authority.issue("server");
  const issued = await authority.issue("cert");
  const certificatePath = join(directory, "tls");
  await writeFile(join(certificatePath, "key.pem"), await readFile(issued.keyFile), { mode: 0o600 });
  const read = (name: string): Promise<string> => readFile(join(certificatePath, name), "utf8");
  const client = {
    certificatePath,
    ca: await read("ca.pem"),
    cert: await read("cert.pem"),
    key: await read("key.pem"),
  };
  return { authority, server, client };
}

/** Words before the daemon's that mount a file system for its data. */
function ownDisk(directory: string, disk: number | undefined): readonly string[] {
  if (disk === undefined) return [];
  const script = 'mkdir -p "$0" && mount -t tmpfs -o "size=$1m" tmpfs "$0" && shift && exec "$@"';
  return ["sh", "-c", script, join(directory, "data"), String(disk)];
}

function daemonOptions(directory: string, listen: string, tls: TlsFiles | undefined): readonly string[] {
  const paths = {
    "config-file": "daemon.json",
    "data-root": "data",
    "exec-root": "exec",
    pidfile: "dockerd.pid",
  };
  const flags = Object.entries(paths).map(([flag, path]) => `--${flag}=${join(directory, path)}`);
  const host = listen === "unix" ? `unix://${join(directory, "docker.sock")}` : "tcp://127.0.0.1:0";
  const network = ["--iptables=false", "--ip6tables=false"];
  return [...flags, ...network, ...tlsFlags(tls), `--host=${host}`];
}

function tlsFlags(tls: TlsFiles | undefined): readonly string[] {
  if (tls === undefined) return ["--tls=false"];
  const { authority, server } = tls;
  const files = [`--tlscert=${server.certificateFile}`, `--tlskey=${server.keyFile}`];
  return ["--tlsverify", `--tlscacert=${authority.certificateFile}`, ...files];
}

async function describe(service: Service, listen: string, tls: DockerTls | undefined): Promise<Dockerd> {
  const { directory, log, stop, kill } = service;
  const address = await service.logged(/API listen on ([^\s"]+)/);
  const dockerHost = listen === "unix" ? `unix://${address}` : `tcp://${address}`;
  const client = connectEngine(dockerHost, tls);
  const { Version: version } = await client.version();
  const optional = {
    ...(listen === "unix" ? { socketPath: address } : {}),
    ...(tls === undefined ? {} : { tls }),
  };
  return { dockerHost, version, directory, client, log, stop, kill: () => kill("init.pid"), ...optional };
}
