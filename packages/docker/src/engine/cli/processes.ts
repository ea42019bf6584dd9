import { readdir, readFile } from "node:fs/promises";

/** All processes; none where the system does not tell. */
export async function processIds(): Promise<readonly number[]> {
  const names = await readdir("/proc").catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The processes below one, nearest first. Empty where the system does not tell. */
export async function descendantsOf(pid: number): Promise<readonly number[]> {
  const children = await childrenByParent();
  const found: number[] = [];
  for (let parents = [pid]; parents.length > 0; ) {
    parents = parents.flatMap((parent) => children.get(parent) ?? []);
    found.push(...parents);
  }
  return found;
}

async function childrenByParent(): Promise<ReadonlyMap<number, number[]>> {
  const pids = await processIds();
  const children = new Map<number, number[]>();
  for (const [pid, parent] of await Promise.all(
    pids.map(async (pid) => [pid, await parentOf(pid)] as const),
  )) {
    if (parent === undefined) continue;
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
}

/** The name in front of it stands between parentheses and may hold anything. */
async function parentOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  const parent = /^.*\) \S (\d+) /s.exec(stat)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** A process that is gone already is no fault. */
export function endProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
