import { constants } from "node:fs";
import { chmod, copyFile, link, lstat } from "node:fs/promises";
import { contextChanged, rereadFault, systemCode } from "./file-errors.ts";
import { FileIdentities, type FileIdentity, isSameIdentity } from "./file-identity.ts";

export type LinkablePlan = Readonly<{ mode: number; identity: FileIdentity }>;

/** Throws `CONTEXT_CHANGED` when the file is no longer the planned one. */
export type CheckLinked = () => Promise<void>;

/** What file systems say that cannot do it, or not for these two places or this user. */
const cannot = new Set([
  "EXDEV",
  "EPERM",
  "EACCES",
  "EMLINK",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EINVAL",
  "ENOSYS",
  "ENOTTY",
]);

async function attempt(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    if (cannot.has(systemCode(error) ?? "")) return false;
    throw error;
  }
}

async function identify(place: string): Promise<Readonly<{ identity: FileIdentity; mode: number }>> {
  const stats = await lstat(place, { bigint: true });
  return { identity: new FileIdentities().add(stats), mode: Number(stats.mode & 0o7777n) };
}

/** A link changes when its file does: from then on the file has to stay as it is. */
function checkOf(hostPath: string, linked: FileIdentity): CheckLinked {
  return async () => {
    const now = await identify(hostPath).catch((error: unknown) => {
      throw rereadFault(error, hostPath);
    });
    if (!isSameIdentity(now.identity, linked)) throw contextChanged(hostPath);
  };
}

const nothing: CheckLinked = async () => {};

/**
 * Makes `target` the planned file without reading it: a copy that shares its blocks, else a hard link, where it has the
 * planned mode already. Undefined where neither can be, or the file is not the one that was hashed: then its bytes have
 * to be read. Gives what tells, later, that it was the planned file all the time.
 */
export async function linkPlannedFile(
  hostPath: string,
  { mode, identity }: LinkablePlan,
  target: string,
): Promise<CheckLinked | undefined> {
  const before = await identify(hostPath).catch(() => undefined);
  if (before === undefined || !isSameIdentity(before.identity, identity)) return undefined;
  const clone = constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL;
  if (await attempt(() => copyFile(hostPath, target, clone))) {
    await chmod(target, mode);
    await checkOf(hostPath, identity)();
    return nothing;
  }
  if (before.mode !== mode || !(await attempt(() => link(hostPath, target)))) return undefined;
  const { identity: linked } = await identify(target);
  return checkOf(target, linked);
}
