import { normalizePlatform } from "@imagespec/core";

/** What containers of this machine run as. */
export function hostPlatform(): string {
  return normalizePlatform(`linux/${process.arch === "x64" ? "amd64" : process.arch}`);
}
