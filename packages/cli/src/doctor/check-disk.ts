import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { cacheDirectory } from "@imagespec/core";
import { formatBytes } from "../output/quantities.ts";
import type { Finding } from "./finding.ts";

/** What a context with a few wheels and the layers made of it take. */
const WANTED = 2e9;
const dockerRoot = "/var/lib/docker";

async function freeAt(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether there is room where builds write: temporary files, our cache, and Docker's usual place. */
export async function checkDisk(
  environment: NodeJS.ProcessEnv,
  wanted: number = WANTED,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const folder of new Set([tmpdir(), cacheDirectory(environment), dockerRoot])) {
    const free = await freeAt(folder);
    if (free === undefined) continue;
    const found = { subject: "disk", detail: `${formatBytes(free)} free at ${folder}` };
    findings.push(
      free >= wanted
        ? { ...found, state: "ok" }
        : { ...found, state: "fault", hint: "docker system prune frees what no image needs" },
    );
  }
  return findings;
}
