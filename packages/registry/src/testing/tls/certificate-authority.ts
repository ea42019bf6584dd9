import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import * as der from "./der.ts";
import { derToPem } from "./pem.ts";

/** A certificate and the private key to it, both PEM. */
export type KeyedCertificate = Readonly<{ certificate: string; key: string }>;

/** The certificate to issue. */
export type CertificateRequest = Readonly<{
  /** The subject's common name. */
  name: string;
  purpose: "client" | "server";
  /** Host names and addresses that a server answers under. Default: those of loopback. */
  hosts?: readonly string[];
  /** Default: in a year. */
  notAfter?: Date;
}>;

/** A private authority for tests; its key is its own, made anew each time. */
export type CertificateAuthority = KeyedCertificate &
  Readonly<{ issue(request: CertificateRequest): KeyedCertificate }>;

const DAY = 86_400_000;
const loopbackHosts: readonly string[] = ["localhost", "127.0.0.1", "::1"];
const usages = { client: "1.3.6.1.5.5.7.3.2", server: "1.3.6.1.5.5.7.3.1" } as const;
const ecdsaWithSha256 = der.sequence(der.objectIdentifier("1.2.840.10045.4.3.2"));

/**
 * Makes an X.509 authority with P-256 keys, valid from yesterday for a year.
 *
 * @param options `name`: the authority's common name
 */
export function createCertificateAuthority(options: Readonly<{ name?: string }> = {}): CertificateAuthority {
  const name = options.name ?? "imagespec test authority";
  const keys = generateKeys();
  const issuer = { name, keys };
  const certificate = certify({
    issuer,
    name,
    keys,
    notAfter: inOneYear(),
    extensions: authorityExtensions(),
  });
  return { certificate, key: exportKey(keys.privateKey), issue: (request) => issue(issuer, request) };
}

type Keys = Readonly<{ publicKey: KeyObject; privateKey: KeyObject }>;
type Issuer = Readonly<{ name: string; keys: Keys }>;
type Certificate = Issuer & Readonly<{ issuer: Issuer; notAfter: Date; extensions: readonly Uint8Array[] }>;

function issue(issuer: Issuer, request: CertificateRequest): KeyedCertificate {
  const keys = generateKeys();
  const notAfter = request.notAfter ?? inOneYear();
  const certificate = certify({
    issuer,
    name: request.name,
    keys,
    notAfter,
    extensions: leafExtensions(request),
  });
  return { certificate, key: exportKey(keys.privateKey) };
}

function generateKeys(): Keys {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function exportKey(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function inOneYear(): Date {
  return new Date(Date.now() + 365 * DAY);
}

/** RFC 5280, section 4.1. */
function certify(certificate: Certificate): string {
  const content = toBeSigned(certificate);
  const signature = sign("sha256", content, certificate.issuer.keys.privateKey);
  return derToPem("CERTIFICATE", der.sequence(content, ecdsaWithSha256, der.bitString(signature)));
}

function toBeSigned({ issuer, name, keys, notAfter, extensions }: Certificate): Buffer {
  const keyIdentifiers = [subjectKeyIdentifier(keys), authorityKeyIdentifier(issuer.keys)];
  return der.sequence(
    der.contextTag(0, der.integer(Buffer.from([2])), "constructed"),
    der.integer(randomBytes(16)),
    ecdsaWithSha256,
    distinguishedName(issuer.name),
    der.sequence(der.time(new Date(Date.now() - DAY)), der.time(notAfter)),
    distinguishedName(name),
    exportPublicKey(keys),
    der.contextTag(3, der.sequence(...keyIdentifiers, ...extensions), "constructed"),
  );
}

function exportPublicKey({ publicKey }: Keys): Buffer {
  return publicKey.export({ type: "spki", format: "der" });
}

function distinguishedName(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectIdentifier("2.5.4.3"), der.utf8String(commonName))));
}

function extension(id: string, value: Uint8Array, critical = false): Buffer {
  const flag = critical ? [der.boolean(true)] : [];
  return der.sequence(der.objectIdentifier(id), ...flag, der.octetString(value));
}

function keyHash(keys: Keys): Buffer {
  return createHash("sha1").update(exportPublicKey(keys)).digest();
}

function subjectKeyIdentifier(keys: Keys): Buffer {
  return extension("2.5.29.14", der.octetString(keyHash(keys)));
}

function authorityKeyIdentifier(keys: Keys): Buffer {
  return extension("2.5.29.35", der.sequence(der.contextTag(0, keyHash(keys), "primitive")));
}

/** May sign certificates and, for tokens, other things. */
function authorityExtensions(): readonly Buffer[] {
  return [
    extension("2.5.29.19", der.sequence(der.boolean(true)), true),
    extension("2.5.29.15", der.bitString(Buffer.from([0b1000_0110]), 1), true),
  ];
}

function leafExtensions({ purpose, hosts }: CertificateRequest): readonly Buffer[] {
  const extensions = [
    extension("2.5.29.19", der.sequence(), true),
    extension("2.5.29.15", der.bitString(Buffer.from([0b1000_0000]), 7), true),
    extension("2.5.29.37", der.sequence(der.objectIdentifier(usages[purpose]))),
  ];
  return purpose === "client" ? extensions : [...extensions, alternativeNames(hosts ?? loopbackHosts)];
}

function alternativeNames(hosts: readonly string[]): Buffer {
  return extension("2.5.29.17", der.sequence(...hosts.map(generalName)));
}

function generalName(host: string): Buffer {
  return isIP(host) === 0
    ? der.contextTag(2, Buffer.from(host), "primitive")
    : der.contextTag(7, addressBytes(host), "primitive");
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const before = hexGroups(head);
  const after = hexGroups(tail ?? "");
  const zeros = new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0);
  return Buffer.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

function hexGroups(text: string): readonly number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
