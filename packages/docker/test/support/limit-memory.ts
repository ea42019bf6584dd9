import { existsSync } from "node:fs";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = "/sys/fs/cgroup";
/** What limits the memory of a control group, and its swap where there is any, in the older and the newer kind of groups. */
const kinds = [
  { folder: join(root, "memory"), memory: "memory.limit_in_bytes", swap: "memory.memsw.limit_in_bytes" },
  { folder: root, memory: "memory.max", swap: "memory.swap.max" },
];

export type LimitedGroup = Readonly<{
  /** A file that a process joins by writing its id. */
  processes: string;
  remove(): Promise<void>;
}>;

/** A control group whose processes have so many bytes of memory between them; `remove` once they have ended. */
export async function limitMemory(name: string, bytes: number): Promise<LimitedGroup> {
  const [older, newer] = kinds;
  const { folder, memory, swap } = (existsSync(older!.folder) ? older : newer)!;
  if (folder === root) await writeFile(join(root, "cgroup.subtree_control"), "+memory");
  const group = join(folder, name);
  await mkdir(group, { recursive: true });
  await writeFile(join(group, memory), String(bytes));
  if (existsSync(join(group, swap)))
    await writeFile(join(group, swap), folder === root ? "0" : String(bytes));
  return { processes: join(group, "cgroup.procs"), remove: () => rmdir(group) };
}
