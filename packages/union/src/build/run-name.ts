import { createHash } from "node:crypto";
import { base32 } from "@imagespec/core";

/** Attempts beyond this would not fit into a name of 30 characters. */
export const LAST_ATTEMPT = 999;

/**
 * The name of a run: DNS-1035, at most 30 characters. The same image gets the same name, so that a request that is
 * repeated starts nothing anew.
 */
export function runName(targetImage: string, attempt: number): string {
  const digest = createHash("sha256").update(targetImage).digest().subarray(0, 16);
  return `i${base32(digest)}${attempt}`;
}
