import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hash } from "bcryptjs";
import type { CertificateAuthority } from "./certificates.ts";
import { createServiceDirectory, type Service, startService } from "./service.ts";
import { ensureSystemPackages, findProgram } from "./system-packages.ts";
import type { TokenServer } from "./token-server.ts";

export type DockerRegistryOptions = Readonly<{
  /** Basic authentication: user → password. */
  users?: Readonly<Record<string, string>>;
  /** Bearer authentication by tokens of this server. */
  tokenServer?: TokenServer;
  /** https with a certificate of this authority; with `clientCertificates` clients must show one of it too. */
  tls?: Readonly<{ authority: CertificateAuthority; clientCertificates?: boolean }>;
  /** Pull-through cache of the registry at this URL. */
  proxy?: string;
  /** A storage folder to begin with, as `ensureBaseImages` gives it; it is copied. */
  contents?: string;
  /** More of its configuration file; whole sections, laid over the rest. */
  configuration?: Readonly<Record<string, unknown>>;
}>;

export type DockerRegistry = Readonly<{
  /** `127.0.0.1:PORT`, as it stands in references. */
  host: string;
  /** `http://127.0.0.1:PORT` or https. */
  url: string;
  /** PEM of the authority, when it speaks https. */
  ca?: string;
  /** Its own folder; what is pushed lies below `storage`. */
  directory: string;
  log(): Promise<string>;
  /** SIGKILL. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}>;

/**
 * A real container registry (distribution's, Debian's package) on a free loopback port. It ends with this process.
 * @throws Error when it cannot be installed or does not start.
 */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  await ensureSystemPackages(["docker-registry"]);
  const directory = createServiceDirectory("registry");
  const configuration = join(directory, "config.yml");
  await prepareStorage(directory, options.contents);
  await writeFile(configuration, JSON.stringify(await describeConfiguration(directory, options)));
  const service = startService(directory, [findProgram("docker-registry") ?? "", "serve", configuration]);
  try {
    return await describe(service, options);
  } catch (error) {
    await service.stop();
    throw error;
  }
}

const storageOf = (directory: string): string => join(directory, "storage");

async function prepareStorage(directory: string, contents: string | undefined): Promise<void> {
  if (contents === undefined) await mkdir(storageOf(directory));
  else await cp(contents, storageOf(directory), { recursive: true });
}

async function describeConfiguration(directory: string, options: DockerRegistryOptions): Promise<object> {
  return {
    version: "0.1",
    log: { level: "info", formatter: "json" },
    storage: { filesystem: { rootdirectory: storageOf(directory) }, delete: { enabled: true } },
    http: { addr: "127.0.0.1:0", secret: "loopback", ...(await tlsSection(options.tls)) },
    ...(await authSection(directory, options)),
    ...(options.proxy === undefined ? {} : { proxy: { remoteurl: options.proxy } }),
    ...options.configuration,
  };
}

async function authSection(directory: string, options: DockerRegistryOptions): Promise<object> {
  if (options.tokenServer !== undefined) return { auth: { token: options.tokenServer.registryAuth } };
  if (options.users === undefined) return {};
  const path = join(directory, "htpasswd");
  const entries = Object.entries(options.users).map(async ([user, password]) => {
    // The registry knows only the older name of the same algorithm.
    const digest = await hash(password, 4);
    return `${user}:${digest.replace(/^\$2b\$/, "$2y$")}\n`;
  });
  await writeFile(path, (await Promise.all(entries)).join(""));
  return { auth: { htpasswd: { realm: "basic-realm", path } } };
}

async function tlsSection(tls: DockerRegistryOptions["tls"]): Promise<object> {
  if (tls === undefined) return {};
  const { certificateFile, keyFile } = await tls.authority.issue("registry");
  const clientcas = tls.clientCertificates === true ? { clientcas: [tls.authority.certificateFile] } : {};
  return { tls: { certificate: certificateFile, key: keyFile, ...clientcas } };
}

async function describe(service: Service, options: DockerRegistryOptions): Promise<DockerRegistry> {
  const { directory, log, stop, kill } = service;
  const host = await service.logged(/listening on (127\.0\.0\.1:\d+)/);
  const url = `${options.tls === undefined ? "http" : "https"}://${host}`;
  const ca = options.tls && { ca: await readFile(options.tls.authority.certificateFile, "utf8") };
  return { host, url, directory, log, stop, kill: () => kill("pid"), ...ca };
}
