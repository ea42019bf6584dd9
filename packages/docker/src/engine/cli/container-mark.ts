import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { endProcess, processIds } from "./processes.ts";

/**
 * What tells the containers of one build from all others on this machine: how many bytes of shared memory they may
 * use. It changes nothing in the image, and every process sees it in its mounts.
 */
export type ContainerMark = Readonly<{ sharedMemory: number }>;

const USUAL_BYTES = 64 * 1024 * 1024;
const PAGE_BYTES = 4096;
const DIFFERENT_MARKS = 1 << 18;
const LOOK_MS = 50;

/** Never less than what containers usually have. */
export function newContainerMark(): ContainerMark {
  return { sharedMemory: USUAL_BYTES + randomInt(1, DIFFERENT_MARKS) * PAGE_BYTES };
}

/** Kills what runs in the containers of a build; resolves when nothing of it is left. */
export async function endMarkedContainers(mark: ContainerMark): Promise<void> {
  for (;;) {
    const marked = await markedProcesses(mark);
    if (marked.length === 0) return;
    for (const pid of marked) endProcess(pid, "SIGKILL");
    await delay(LOOK_MS);
  }
}

async function markedProcesses({ sharedMemory }: ContainerMark): Promise<readonly number[]> {
  const mount = new RegExp(` /dev/shm .* - tmpfs \\S+ \\S*\\bsize=${sharedMemory / 1024}k\\b`);
  const pids = await processIds();
  const marks = await Promise.all(
    pids.map(async (pid) => mount.test(await readFile(`/proc/${pid}/mountinfo`, "utf8").catch(() => ""))),
  );
  return pids.filter((_, index) => marks[index]);
}
