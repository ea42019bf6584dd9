import { chmodSync, constants, copyFileSync, linkSync, lstatSync } from "node:fs";
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

/** Of those, what is said of a whole file system. */
const never = new Set(["ENOTSUP", "EOPNOTSUPP", "ENOSYS", "ENOTTY"]);

/** Why it cannot be done here; undefined: it is done. */
function obstacle(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code !== undefined && cannot.has(code)) return code;
    throw error;
  }
}

/** Devices whose file system shares no blocks: asking it for each of a thousand files takes as long as linking them. */
const withoutClones = new Set<bigint>();

function clone(from: string, to: string, device: bigint): boolean {
  if (withoutClones.has(device)) return false;
  const flags = constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL;
  const why = obstacle(() => copyFileSync(from, to, flags));
  if (why !== undefined && never.has(why)) withoutClones.add(device);
  return why === undefined;
}

type Identified = Readonly<{ identity: FileIdentity; mode: number; device: bigint }>;

function identify(place: string): Identified {
  const stats = lstatSync(place, { bigint: true });
  const { dev: device } = stats;
  return { identity: new FileIdentities(1).add(stats), mode: Number(stats.mode & 0o7777n), device };
}

function reidentify(place: string, file: string): FileIdentity {
  try {
    return identify(place).identity;
  } catch (error) {
    throw rereadFault(error, file);
  }
}

/** A link changes when its file does: from then on the file has to stay as it is. */
function checkOf(
  file: string,
  { place, linked }: Readonly<{ place: string; linked: FileIdentity }>,
): CheckLinked {
  return async () => {
    if (!isSameIdentity(reidentify(place, file), linked)) throw contextChanged(file);
  };
}

const nothing: CheckLinked = async () => {};

function identifyPlanned(place: string): Identified | undefined {
  try {
    return identify(place);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

/**
 * Makes `target` the planned file without reading it: a copy that shares its blocks, else a hard link, where it has the
 * planned mode already. Undefined where neither can be, or the file is not the one that was hashed: then its bytes have
 * to be read. Gives what tells, later, that it was the planned file all the time. No byte is read or written, so each
 * call of the system is short: to wait for a thread that makes it would take longer.
 */
export async function linkPlannedFile(
  hostPath: string,
  { mode, identity }: LinkablePlan,
  target: string,
): Promise<CheckLinked | undefined> {
  const before = identifyPlanned(hostPath);
  if (before === undefined || !isSameIdentity(before.identity, identity)) return undefined;
  if (clone(hostPath, target, before.device)) {
    chmodSync(target, mode);
    await checkOf(hostPath, { place: hostPath, linked: identity })();
    return nothing;
  }
  if (before.mode !== mode || obstacle(() => linkSync(hostPath, target)) !== undefined) return undefined;
  return checkOf(hostPath, { place: target, linked: identify(target).identity });
}
