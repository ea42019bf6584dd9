import { text } from "node:stream/consumers";
import { connectEngine, followAnswer } from "@imagespec/test-services";
import type Docker from "dockerode";

/** An image as a container shows it. */
export type Insight = Readonly<{
  /** What Python's packages are, by pip. */
  python: readonly string[];
  /** What Debian's packages are. */
  apt: readonly string[];
  /** Mode, owner and SHA-256, or what a link names, of each file and folder, by path. */
  files: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string>>;
  entrypoint: readonly string[];
  user: string;
  workingDir: string;
}>;

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** envd's own folders, bytecode, what a container's engine lays over an image, and what names its installer or a time. */
const ownTraces = new RegExp(
  [
    "^/home/envd(/|$)|^/root/\\.cache(/|$)",
    "(^|/)__pycache__(/|$)|\\.pyc$|\\.dist-info/(INSTALLER|RECORD|REQUESTED)$",
    "^/etc/(hostname|hosts|resolv\\.conf|mtab)$|^/\\.dockerenv$",
    "^/var/(log|cache)/|^/etc/ld\\.so\\.cache$|^/var/lib/(apt|dpkg)/",
  ].join("|"),
);

type Start = Readonly<{ Entrypoint?: string[]; Cmd: string[] }>;

async function runContainer(client: Docker, image: string, start: Start): Promise<string> {
  const options = { Image: image, Tty: true, User: "0", Env: ["LC_ALL=C.UTF-8"], ...start };
  const container = await client.createContainer(options);
  try {
    await container.start();
    await container.wait();
    // As a stream, for what is printed as JSON would be parsed.
    const log = await container.logs({ stdout: true, stderr: true, follow: true });
    return (await text(log)).replaceAll("\r\n", "\n");
  } finally {
    await container.remove({ force: true });
  }
}

/** What a command prints that runs in the image, not its entrypoint. */
export function runIn(client: Docker, image: string, words: readonly string[]): Promise<string> {
  const [entrypoint = "", ...command] = words;
  return runContainer(client, image, { Entrypoint: [entrypoint], Cmd: command });
}

/** What the image's entrypoint prints, given these words. */
export function runImage(client: Docker, image: string, words: readonly string[]): Promise<string> {
  return runContainer(client, image, { Cmd: [...words] });
}

function linesOf(printed: string): string[] {
  return printed
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

const listFiles = `
import hashlib, json, os, stat
found = {}
for folder, folders, files in os.walk("/"):
    if folder == "/": folders[:] = [name for name in folders if name not in ("proc", "sys", "dev")]
    for name in folders + files:
        path = os.path.join(folder, name)
        entry = os.lstat(path)
        content = ""
        if stat.S_ISLNK(entry.st_mode): content = os.readlink(path)
        elif stat.S_ISREG(entry.st_mode):
            with open(path, "rb") as file: content = hashlib.file_digest(file, "sha256").hexdigest()
        found[path] = f"{entry.st_mode:o} {entry.st_uid}:{entry.st_gid} {content}"
print(json.dumps(found))
`;

async function filesOf(client: Docker, image: string): Promise<Readonly<Record<string, string>>> {
  const printed = await runIn(client, image, ["python3", "-c", listFiles]);
  const entries = Object.entries(JSON.parse(printed) as Readonly<Record<string, string>>);
  return Object.fromEntries(entries.filter(([path]) => !ownTraces.test(path)));
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
