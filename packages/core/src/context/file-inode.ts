import { type BigIntStats, statSync } from "node:fs";
import { FileIdentities, type FileIdentity } from "./file-identity.ts";

/** Inode and device: what tells that two paths lead to one file. */
export function inodeOf({ halves, at }: FileIdentity): string {
  return halves.subarray(at, at + 4).join(" ");
}

/** Of the file that a path leads to, symlinks followed; undefined where there is none that can be looked at. */
export function inodeAt(path: string): string | undefined {
  const stats = statOf(path);
  return stats?.isFile() ? inodeOf(new FileIdentities(1).add(stats)) : undefined;
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
