import { createHash } from "node:crypto";
import { isDigest } from "@imagespec/core";
import { ProtocolError } from "../http/protocol-error.ts";

/** The digest of these bytes; sha256 unless another of the image spec's algorithms is named. */
export function digestOf(bytes: Uint8Array | string, algorithm = "sha256"): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

/** @throws ProtocolError DIGEST_INVALID for what is no digest, or one of an algorithm this registry lacks */
export function requireDigest(text: string | null): string {
  if (text !== null && isDigest(text)) return text;
  const message = text === null ? "digest missing" : "invalid digest, or an unsupported algorithm";
  throw new ProtocolError("DIGEST_INVALID", { message, detail: text ?? undefined });
}

/** @throws ProtocolError DIGEST_INVALID when the bytes are others than the digest says */
export function verifyDigest(bytes: Uint8Array, digest: string): void {
  const algorithm = digest.slice(0, digest.indexOf(":"));
  if (digestOf(bytes, algorithm) !== digest)
    throw new ProtocolError("DIGEST_INVALID", { detail: { digest } });
}
