import { readdir, readFile, readlink } from "node:fs/promises";

/** How many processes of this machine, in containers too, have the text in their command line. */
export async function countProcesses(text: string): Promise<number> {
  return (await commandLines()).filter((line) => line.includes(text)).length;
}

/** SIGKILL to every process that has the text in its command line. */
export async function killCommands(text: string): Promise<void> {
  const lines = await Promise.all(
    (await processIds()).map(async (id) => [id, await commandLine(id)] as const),
  );
  for (const [id, line] of lines) if (line.includes(text)) process.kill(Number(id), "SIGKILL");
}

async function processIds(): Promise<readonly string[]> {
  return (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
}

function commandLine(id: string): Promise<string> {
  return readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
}

async function commandLines(): Promise<readonly string[]> {
  return Promise.all((await processIds()).map(commandLine));
}

/** How many sockets this process holds. */
export async function countSockets(): Promise<number> {
  const descriptors = await readdir("/proc/self/fd");
  const targets = await Promise.all(
    descriptors.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")),
  );
  return targets.filter((target) => target.startsWith("socket:")).length;
}

/** Collects the command lines of all processes until it is stopped. */
export function watchCommands(): Readonly<{ stop(): Promise<readonly string[]> }> {
  const seen = new Set<string>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      for (const line of await commandLines()) seen.add(line);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      return [...seen];
    },
  };
}
