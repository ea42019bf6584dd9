import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type * as Tls from "node:tls";
import { RegistryFault } from "../registry-fault.ts";

/** PEM texts for TLS with one host. */
export type HostCertificates = Readonly<{
  authorities: readonly string[];
  client: readonly Readonly<{ certificate: string; key: string }>[];
}>;

export const noCertificates: HostCertificates = { authorities: [], client: [] };

/**
 * What the first existing `certs.d/<host:port>` folder holds: `*.crt` are authorities, `*.cert` with its `*.key` a client
 * certificate. Folders that are missing or may not be read are passed over.
 *
 * @see https://github.com/containers/image/blob/main/docs/containers-certs.d.5.md
 */
export async function readCertificates(host: string, folders: readonly string[]): Promise<HostCertificates> {
  for (const folder of folders) {
    const path = join(folder, host);
    const names = await readable(() => readdir(path));
    if (names !== undefined) return readFolder(path, names);
  }
  return noCertificates;
}

async function readFolder(path: string, names: readonly string[]): Promise<HostCertificates> {
  const texts = new Map<string, string>();
  for (const name of names.filter((entry) => /\.(crt|cert|key)$/.test(entry)).sort()) {
    const text = await readable(() => readFile(join(path, name), "utf8"));
    if (text !== undefined) texts.set(name, text);
  }
  const named = (ending: string): string[] => [...texts.keys()].filter((name) => name.endsWith(ending));
  const client = named(".cert").map((name) => pairOf(path, name, texts));
  return { authorities: named(".crt").map((name) => texts.get(name) ?? ""), client };
}

function pairOf(
  path: string,
  name: string,
  texts: ReadonlyMap<string, string>,
): HostCertificates["client"][number] {
  const key = texts.get(name.replace(/cert$/, "key"));
  if (key !== undefined) return { certificate: texts.get(name) ?? "", key };
  throw new RegistryFault("tls", {
    detail: `${join(path, name)} has no readable key beside it`,
    hint: `put the key into ${join(path, name.replace(/cert$/, "key"))}`,
  });
}

/** `undefined` where a file or folder is missing or closed to us: certs.d is shared by tools with other rights. */
async function readable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && ["ENOENT", "ENOTDIR", "EACCES", "EPERM", "EISDIR"].includes(code))
      return undefined;
    throw error;
  }
}

/** A context with these certificates beside Node's own authorities; undefined where there are none to add. */
export async function secureContext(
  { authorities, client }: HostCertificates,
  host: string,
): Promise<Tls.SecureContext | undefined> {
  if (authorities.length === 0 && client.length === 0) return undefined;
  const tls = await import("node:tls");
  try {
    return tls.createSecureContext({
      ...(authorities.length === 0 ? {} : { ca: [...(await defaultAuthorities(tls)), ...authorities] }),
      cert: client.map(({ certificate }) => certificate),
      key: client.map(({ key }) => key),
    });
  } catch (error) {
    throw new RegistryFault("tls", {
      detail: `a certificate or key for ${host} cannot be read: ${(error as Error).message}`,
      hint: "each has to be PEM text, and a key has to fit its certificate",
      cause: error,
    });
  }
}

/** Node's `ca` replaces what it trusts by itself, so all of that has to be given again. */
async function defaultAuthorities(tls: typeof Tls): Promise<readonly string[]> {
  const newer = tls as typeof Tls & { getCACertificates?(type: "default"): string[] };
  if (newer.getCACertificates !== undefined) return newer.getCACertificates("default");
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  const text = extra === undefined ? undefined : await readable(() => readFile(extra, "utf8"));
  return text === undefined ? tls.rootCertificates : [...tls.rootCertificates, text];
}
