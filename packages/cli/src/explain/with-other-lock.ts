import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { createEngine, type ImageLock, parseLock, type ResolvedImage, readLock } from "@imagespec/core";
import { usageError } from "../usage-error.ts";
import type { Comparison } from "./against.ts";

const run = promisify(execFile);
const mostBytes = 4 * 1024 * 1024;

/** `HEAD~3:imagespec.lock.json`, with the path from the working directory. */
const ofCommit = /^([^:]+):(.+)$/s;

async function lockOfCommit(name: string, [revision, file]: readonly string[], cwd: string): Promise<string> {
  if (revision!.startsWith("-")) throw usageError(`--against: ${name} names no commit`);
  const object = `${revision}:./${path.posix.normalize(file!)}`;
  try {
    // Not `git show`, which runs the filters that a repository names.
    const { stdout } = await run("git", ["cat-file", "blob", object], { cwd, maxBuffer: mostBytes });
    return stdout;
  } catch (cause) {
    const { code, stderr = "" } = cause as NodeJS.ErrnoException & { stderr?: string };
    const reason = code === "ENOENT" ? "git is not installed" : (stderr.trim().split("\n")[0] ?? "");
    const hint = "name a commit and the path from here: --against HEAD~1:imagespec.lock.json";
    throw usageError(`--against: ${name} cannot be read: ${reason}`, { hint, cause });
  }
}

async function loadOtherLock(name: string, cwd: string): Promise<ImageLock> {
  const [, revision, file] = ofCommit.exec(name) ?? [];
  if (revision !== undefined && file !== undefined) {
    return parseLock(await lockOfCommit(name, [revision, file], cwd), name);
  }
  const lock = readLock(path.resolve(cwd, name), name);
  if (lock) return lock;
  throw usageError(`--against: ${name} is not there`, { hint: "of a commit: HEAD~1:imagespec.lock.json" });
}

/** The image as it would be with another lock: of another place, or of an older commit. */
export async function resolveWithLock(
  name: string,
  { project, session, invocation }: Comparison,
): Promise<ResolvedImage> {
  const { builders, defaults, cwd } = project;
  const lock = await loadOtherLock(name, cwd);
  const [image] = await createEngine({ builders, defaults, cwd, lock }).resolve(
    session.named,
    invocation.signal,
  );
  return image!;
}
