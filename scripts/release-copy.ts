import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { workspaceDirectory } from "@imagespec/test-services";

const run = promisify(execFile);

export type ReleaseCopy = Readonly<{ directory: string; remove: () => Promise<void> }>;

async function copyFiles(directory: string): Promise<void> {
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const { stdout } = await run("git", list, { cwd: workspaceDirectory, maxBuffer: 64 << 20 });
  for (const path of new Set(stdout.split("\0").filter((name) => name !== ""))) {
    // A file that was removed and not committed is still listed.
    await cp(join(workspaceDirectory, path), join(directory, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
}

/** What was built, and the links by which packages find each other: those of the copy find the copy's. */
async function copyIgnored(directory: string): Promise<void> {
  for (const name of await readdir(join(workspaceDirectory, "packages"))) {
    for (const folder of ["dist", "node_modules"]) {
      const path = join("packages", name, folder);
      await cp(join(workspaceDirectory, path), join(directory, path), {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
  }
  await symlink(join(workspaceDirectory, "node_modules"), join(directory, "node_modules"));
}

async function commit(directory: string): Promise<void> {
  const author = ["-c", "user.name=release", "-c", "user.email=release@example.com"];
  const git = (...args: string[]) =>
    run("git", [...author, ...args], { cwd: directory, maxBuffer: 64 << 20 });
  await git("init", "--quiet");
  await git("remote", "add", "origin", "https://git.example.com/org/imagespec.git");
  await git("add", "--all");
  await git("commit", "--quiet", "--no-verify", "--message=as it is");
}

/** The versions and changelogs that the pending changesets ask for. The command's bundle alone holds a version. */
async function version(directory: string): Promise<void> {
  const programs = join(workspaceDirectory, "node_modules", ".bin");
  await run(join(programs, "changeset"), ["version"], { cwd: directory });
  const command = join(directory, "packages", "cli");
  await run(join(command, "node_modules", ".bin", "rolldown"), ["-c", "rolldown.config.ts"], {
    cwd: command,
  });
}

/** A copy of this checkout, built as it is, in which the next versions are given. Nothing here changes. */
export async function makeReleaseCopy(): Promise<ReleaseCopy> {
  const directory = await mkdtemp(join(tmpdir(), "imagespec-release-copy-"));
  await copyFiles(directory);
  await copyIgnored(directory);
  await commit(directory);
  await version(directory);
  return { directory, remove: () => rm(directory, { recursive: true }) };
}
