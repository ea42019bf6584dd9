import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ImageSpecError } from "@imagespec/core";

/**
 * The certificates that the option names.
 *
 * @throws ImageSpecError `CA_CERTIFICATES_UNREADABLE`
 */
export function readBundle(path: string): Uint8Array {
  try {
    return readFileSync(resolve(path));
  } catch (cause) {
    throw new ImageSpecError("CA_CERTIFICATES_UNREADABLE", `the certificates of ${path} cannot be read`, {
      field: "builderOptions.docker.caCertificates",
      file: path,
      hint: `ls -l ${resolve(path)}   (a relative path starts at the working directory)`,
      cause,
    });
  }
}

/** sha256 of what {@link readBundle} gives, in hex. */
export function digestBundle(path: string): string {
  return createHash("sha256").update(readBundle(path)).digest("hex");
}
