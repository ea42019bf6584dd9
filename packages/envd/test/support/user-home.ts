import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, vi } from "vitest";

/** What a user of envd, docker and a shell has. */
const userFiles: Readonly<Record<string, string>> = {
  ".bashrc": "# mine\n",
  ".config/envd/config.envd": "def build():\n    nonsense()\n",
  ".config/envd/contexts": "not for others",
  ".docker/config.json": "{}",
};

async function filesBelow(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, "utf8")]);
  return Object.fromEntries(await Promise.all(pairs));
}

/**
 * Before each test: a new folder `root` of its own, and in it what the builder takes for the user's home and for
 * temporary files. However a build ends, it leaves no temporary folder, and the user's files as they are.
 */
export function prepareUserHome(): Readonly<{ root: string; systemFolder: string }> {
  const place = { root: "", systemFolder: tmpdir() };

  beforeEach(async () => {
    const root = await mkdtemp(join(place.systemFolder, "imagespec-faults-"));
    place.root = root;
    for (const name of ["home/.config/envd", "home/.docker", "temporary"]) {
      await mkdir(join(root, name), { recursive: true });
    }
    for (const [name, text] of Object.entries(userFiles)) await writeFile(join(root, "home", name), text);
    vi.stubEnv("HOME", join(root, "home"));
    vi.stubEnv("XDG_CACHE_HOME", join(root, "cache"));
    vi.stubEnv("TMPDIR", join(root, "temporary"));
  });

  afterEach(async () => {
    const left = await readdir(join(place.root, "temporary"));
    const home = await filesBelow(join(place.root, "home"));
    await rm(place.root, { recursive: true });
    expect(left).toEqual([]);
    expect(home).toEqual(userFiles);
  });

  return place;
}
