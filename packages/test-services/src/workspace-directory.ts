import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function findUpwards(start: string, name: string): string {
  if (existsSync(join(start, name))) return start;
  const parent = dirname(start);
  if (parent === start) throw new Error(`no folder above ${import.meta.url} has ${name}`);
  return findUpwards(parent, name);
}

/** The root of the checkout. */
export const workspaceDirectory: string = findUpwards(
  dirname(fileURLToPath(import.meta.url)),
  "pnpm-workspace.yaml",
);

/** Ignored by git; whatever is here may be deleted at any time between two runs. */
export const cacheDirectory: string = join(workspaceDirectory, ".cache");

/** This package's folder: its shell scripts lie beside both `src` and `dist`. */
export const packageDirectory: string = join(workspaceDirectory, "packages", "test-services");
