import { type BigIntStats, statSync } from "node:fs";
import { FileIdentities, type FileIdentity } from "./file-identity.ts";

/** Inode and device: what tells that two paths lead to one file. */
export function inodeOf({ halves, at }: FileIdentity): string {
  return halves.subarray(at, at + 4).join(" ");
}

/** Of the files that paths lead to, symlinks followed; none for what is no file that can be looked at. */
export function inodesAt(paths: readonly string[]): ReadonlySet<string> {
  const identities = new FileIdentities(paths.length);
  const files = paths.map(statOf).filter((stats) => stats?.isFile() === true);
  return new Set(files.map((stats) => inodeOf(identities.add(stats!))));
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
