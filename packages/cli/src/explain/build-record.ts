import { closeSync, openSync, readSync } from "node:fs";
import path from "node:path";
import { cacheDirectory, shortHash } from "@imagespec/core";
import type { LoadedSpec } from "../specs/loaded-spec.ts";

/** Where the last build of a spec is kept: by the file that the spec stands in, and its place there. */
export function buildRecordFile(
  { place }: Pick<LoadedSpec, "place">,
  { cwd, environment }: Readonly<{ cwd: string; environment: NodeJS.ProcessEnv }>,
): string {
  const name = shortHash([path.resolve(cwd, place.file), place.path]);
  return path.join(cacheDirectory(environment), "builds", `${name}.json`);
}

/** How a record begins: the tag's hash comes first, so that one look tells whether it is the same build. */
export function recordHead(fingerprint: string): string {
  return `{"version":1,"fingerprint":${JSON.stringify(fingerprint)},`;
}

/** Whether the record is of this build. */
export function holdsBuild(file: string, fingerprint: string): boolean {
  const head = Buffer.from(recordHead(fingerprint));
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const found = Buffer.alloc(head.length);
    readSync(descriptor, found, 0, found.length, 0);
    return found.equals(head);
  } catch {
    // Not there, or not to be read: whoever writes it finds out.
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
