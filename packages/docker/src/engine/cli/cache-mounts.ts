import { lstat, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../docker-config.ts";

/** Where podman and buildah keep temporary files by themselves. */
const USUAL_FOLDER = "/var/tmp";

/**
 * podman and buildah keep what `--mount=type=cache` holds in their temporary folder. In one of a single build's own this
 * makes links to where they would keep it otherwise, under the names that old and new releases look for.
 */
export async function keepCacheMounts(folder: string, environment: Environment): Promise<void> {
  const user = process.getuid?.() ?? 0;
  const kept = join(environment.TMPDIR || USUAL_FOLDER, `buildah-cache-${user}`);
  if (!(await isOwnFolder(kept, user))) return;
  const names = ["buildah-cache", `buildah-cache-${user}`];
  await Promise.all(names.map((name) => symlink(kept, join(folder, name))));
}

/** Everybody can write where it lies: what others put there could reach an image. */
async function isOwnFolder(path: string, user: number): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") return false;
  }
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isDirectory() === true && stats.uid === user;
}
