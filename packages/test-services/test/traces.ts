import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { execa } from "execa";
import { systemPath } from "../src/system-packages.ts";

/** A file of /proc; undefined when its process has gone meanwhile. */
async function readProcessFile(pid: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return undefined;
  }
}

async function processesNaming(text: string): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readProcessFile(pid, "cmdline")));
  return lines.filter((line) => line?.includes(text)).map((line) => String(line).replaceAll("\0", " "));
}

async function linesNaming(
  text: string,
  command: readonly [string, ...string[]],
): Promise<readonly string[]> {
  const [program, ...args] = command;
  const { stdout } = await execa(program, args, { env: { PATH: systemPath } });
  return stdout.split("\n").filter((line) => line.includes(text));
}

/** What of a daemon can be seen from outside, all of which bears its folder's name and must be gone after its end. */
export async function tracesOf(directory: string): Promise<readonly string[]> {
  const name = basename(directory);
  return [
    ...(existsSync(directory) ? [`folder ${directory}`] : []),
    ...(await processesNaming(directory)).map((line) => `process ${line}`),
    ...(await linesNaming(directory, ["cat", "/proc/mounts"])),
    ...(await linesNaming(name, ["ip", "-oneline", "link"])),
    ...(await linesNaming(name, ["iptables", "-w", "-S"])),
    ...(await linesNaming(name, ["iptables", "-w", "-t", "nat", "-S"])),
    ...(await controlGroups(name)).map((path) => `control group ${path}`),
  ];
}

async function controlGroups(name: string): Promise<readonly string[]> {
  const { stdout } = await execa("find", ["/sys/fs/cgroup", "-type", "d", "-name", name], { reject: false });
  return stdout.split("\n").filter((line) => line !== "");
}
