import { normalizePlatform } from "../reference/platform.ts";

/** This machine's platform for Linux containers, as `linux/arm64`. */
export const hostPlatform: string = normalizePlatform(
  `linux/${process.arch === "x64" ? "amd64" : process.arch}`,
);
