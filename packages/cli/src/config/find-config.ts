import { existsSync } from "node:fs";
import path from "node:path";
import { moduleExtensions } from "../specs/source.ts";

function configIn(folder: string): string | undefined {
  return moduleExtensions
    .map((extension) => path.join(folder, `imagespec.config.${extension}`))
    .find((file) => existsSync(file));
}

/** The folders from `start` up to the root of its repository; `start` alone outside of one. */
function foldersUpwards(start: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = start; ; folder = path.dirname(folder)) {
    folders.push(folder);
    if (existsSync(path.join(folder, ".git"))) return folders;
    // A config is code: one that lies above every repository is not the user's own.
    if (folder === path.dirname(folder)) return [start];
  }
}

/** The config that holds in a folder, absolute. */
export function findConfig(cwd: string): string | undefined {
  for (const folder of foldersUpwards(cwd)) {
    const file = configIn(folder);
    if (file !== undefined) return file;
  }
  return undefined;
}
