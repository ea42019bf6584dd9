import { connectEngine, followAnswer } from "@imagespec/test-services";
import type Docker from "dockerode";

/** An image as a container shows it. */
export type Insight = Readonly<{
  /** What Python's packages are, by pip. */
  python: readonly string[];
  /** What Debian's packages are. */
  apt: readonly string[];
  /** Kind, mode, owner, size, digest or target of each file, by path. */
  files: ReadonlyMap<string, string>;
  env: Readonly<Record<string, string>>;
  entrypoint: readonly string[];
  user: string;
  workingDir: string;
}>;

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Bytecode, envd's own folder, and what package managers note for themselves. */
const ownTraces =
  /^\/(home\/envd|proc|sys|dev|tmp|run|var\/(cache|lib|log)|root\/\.cache)(\/|$)|__pycache__|\.pyc$|\.dist-info(\/|$)|^\/\.dockerenv$|^\/etc\/(hostname|hosts|resolv\.conf|mtab|ld\.so\.cache)$/;

/** Runs a command in the image, not its entrypoint. */
export async function runIn(client: Docker, image: string, words: readonly string[]): Promise<string> {
  const [entrypoint = "", ...command] = words;
  const options = {
    Image: image,
    Entrypoint: [entrypoint],
    Cmd: command,
    Tty: true,
    User: "0",
    Env: ["LC_ALL=C.UTF-8"],
  };
  const container = await client.createContainer(options);
  try {
    await container.start();
    await container.wait();
    return (await container.logs({ stdout: true, stderr: true })).toString().replaceAll("\r\n", "\n");
  } finally {
    await container.remove({ force: true });
  }
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

async function filesOf(client: Docker, image: string): Promise<ReadonlyMap<string, string>> {
  const roots = ["-path", "/proc", "-prune", "-o", "-path", "/sys", "-prune", "-o"];
  const print = ["-printf", "%y %m %U:%G %s %l|%p\\n"];
  const text = await runIn(client, image, ["find", "/", "-xdev", ...roots, ...print]);
  const entries = linesOf(text).map((line): [string, string] => {
    const at = line.indexOf("|");
    // A folder's size is the file system's affair.
    const [path, facts] = [line.slice(at + 1), line.slice(0, at)];
    return [path, facts.startsWith("d") ? facts.replace(/ \d+ $/, "") : facts];
  });
  return new Map(entries.filter(([path]) => !ownTraces.test(path)));
}

function variables(list: readonly string[]): Record<string, string> {
  const pairs = list.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]);
  return { PATH: systemPath, ...Object.fromEntries(pairs) };
}

/** Pulls the image and looks into it. */
export async function lookInto(dockerHost: string, image: string): Promise<Insight> {
  const client = connectEngine(dockerHost);
  await followAnswer(await client.pull(image));
  const { Config } = await client.getImage(image).inspect();
  return {
    python: linesOf(await runIn(client, image, ["python", "-m", "pip", "list", "--format=freeze"])),
    apt: linesOf(await runIn(client, image, ["dpkg-query", "-W", "-f=${Package} ${Version}\\n"])),
    files: await filesOf(client, image),
    env: variables(Config.Env ?? []),
    entrypoint: [Config.Entrypoint ?? []].flat(),
    user: Config.User ?? "",
    workingDir: Config.WorkingDir ?? "",
  };
}
