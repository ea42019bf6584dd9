import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { renameUnlessThere } from "./rename-unless-there.ts";
import { cacheDirectory } from "./workspace-directory.ts";

/** Programs of a newer Debian, beside those of this machine. */
export type DebianPrograms = Readonly<{
  /** To be put in front of PATH. */
  path: string;
  /** Where docker's command looks for its plugins. */
  plugins: string;
}>;

const release = "trixie";
/** Docker 26.1 and buildx 0.13. */
const packages = ["containerd", "docker-buildx", "docker-cli", "docker.io"];
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Docker's engine, its command and buildx as the next Debian has them, unpacked in the cache: this machine's own stay
 * as they are. They run with its runc.
 *
 * @throws Error where apt does not know Debian's archive
 */
export async function ensureNewerDocker(): Promise<DebianPrograms> {
  const target = join(cacheDirectory, `docker-${release}`);
  if (!existsSync(target)) await unpackPackages(target);
  const path = ["usr/bin", "usr/sbin"].map((folder) => join(target, folder)).join(":");
  return { path, plugins: join(target, "usr/libexec/docker/cli-plugins") };
}

async function unpackPackages(target: string): Promise<void> {
  await mkdir(cacheDirectory, { recursive: true });
  const folder = await mkdtemp(`${target}.`);
  const unpacked = join(folder, "root");
  const archives = join(folder, "archives");
  await Promise.all([mkdir(unpacked), mkdir(archives)]);
  const env = { APT_CONFIG: await writeConfiguration(folder) };
  const options = { cwd: archives, env, stdout: process.stderr, stderr: "inherit" } as const;
  await execa("apt-get", ["-qq", "update"], options);
  await execa("apt-get", ["-qq", "download", ...packages], options);
  for (const name of await readdir(archives)) {
    await execa("dpkg-deb", ["-x", join(archives, name), unpacked]);
  }
  await renameUnlessThere(unpacked, target);
  await rm(folder, { recursive: true, force: true });
}

/** An apt of its own: other lists, and a machine on which nothing is installed. */
async function writeConfiguration(folder: string): Promise<string> {
  const at = (name: string): string => join(folder, name);
  await Promise.all([mkdir(at("state/lists/partial"), { recursive: true }), writeFile(at("status"), "")]);
  await mkdir(at("cache/archives/partial"), { recursive: true });
  await writeFile(
    at("sources.list"),
    `deb [signed-by=${keyring}] ${await archiveAddress()} ${release} main\n`,
  );
  const settings = {
    "Dir::State": at("state"),
    "Dir::State::status": at("status"),
    "Dir::Cache": at("cache"),
    "Dir::Etc::SourceList": at("sources.list"),
    "Dir::Etc::SourceParts": "/dev/null",
    "APT::Sandbox::User": "root",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
  await writeFile(at("apt.conf"), lines.join("\n"));
  return at("apt.conf");
}

/** Where this machine's own apt finds Debian. */
async function archiveAddress(): Promise<string> {
  const { stdout } = await execa("apt-get", [
    "indextargets",
    "--format",
    "$(REPO_URI)",
    "Created-By: Packages",
  ]);
  const address = stdout.split("\n").find((line) => /\/debian\/?$/.test(line));
  if (address === undefined) throw new Error("apt knows no archive of Debian: this needs Debian");
  return address;
}
