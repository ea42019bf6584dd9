import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { ensureSystemPackages } from "./system-packages.ts";

export type Certificate = Readonly<{ certificateFile: string; keyFile: string }>;

export type CertificateAuthority = Readonly<{
  /** The authority's own certificate, PEM. */
  certificateFile: string;
  keyFile: string;
  /**
   * A certificate for 127.0.0.1, ::1, localhost and more hosts, good for servers and clients alike, in files named after
   * `name`.
   */
  issue(name: string, hosts?: readonly string[]): Promise<Certificate>;
}>;

const subject = (name: string): readonly string[] => ["-subj", `/CN=${name}`, "-days", "2"];
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"] as const;

async function request(directory: string, name: string, extra: readonly string[]): Promise<Certificate> {
  const certificateFile = join(directory, `${name}.pem`);
  const keyFile = join(directory, `${name}.key`);
  const files = ["-out", certificateFile, "-keyout", keyFile];
  await execa("openssl", ["req", "-x509", ...newKey, ...subject(name), ...files, ...extra]);
  return { certificateFile, keyFile };
}

function namesOf(hosts: readonly string[]): readonly string[] {
  const names = [
    "DNS:localhost",
    "IP:127.0.0.1",
    "IP:0:0:0:0:0:0:0:1",
    ...hosts.map((host) => `DNS:${host}`),
  ];
  return ["-addext", `subjectAltName=${names.join(",")}`];
}

/** A certificate authority whose files lie in `directory` (made when missing). */
export async function createCertificateAuthority(directory: string): Promise<CertificateAuthority> {
  await ensureSystemPackages(["openssl"]);
  await mkdir(directory, { recursive: true });
  const authority = await request(directory, "ca", []);
  const signed = ["-CA", authority.certificateFile, "-CAkey", authority.keyFile];
  const uses = [
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ...["-addext", "extendedKeyUsage=serverAuth,clientAuth"],
  ];
  return {
    ...authority,
    issue: (name, hosts = []) => request(directory, name, [...signed, ...namesOf(hosts), ...uses]),
  };
}
