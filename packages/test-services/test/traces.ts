import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
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

/** What of a daemon can be seen from outside: all that must be gone after its end. */
export async function tracesOf(directory: string, bridge: string): Promise<readonly string[]> {
  const group = (await groupsOf(bridge)).map((path) => `control group ${path}`);
  return [
    ...(existsSync(directory) ? [`folder ${directory}`] : []),
    ...(await processesNaming(directory)).map((line) => `process ${line}`),
    ...(await linesNaming(directory, ["cat", "/proc/mounts"])),
    ...(await linesNaming(bridge, ["ip", "-oneline", "link"])),
    ...(await linesNaming(bridge, ["iptables", "-w", "-S"])),
    ...(await linesNaming(bridge, ["iptables", "-w", "-t", "nat", "-S"])),
    ...group,
  ];
}

/** The control groups are named after the bridge. */
async function groupsOf(bridge: string): Promise<readonly string[]> {
  const { stdout } = await execa("find", ["/sys/fs/cgroup", "-type", "d", "-name", `*${bridge}*`], {
    reject: false,
  });
  return stdout.split("\n").filter((line) => line !== "");
}
