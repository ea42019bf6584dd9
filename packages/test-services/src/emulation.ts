import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { renameUnlessThere } from "./rename-unless-there.ts";
import { createServiceDirectory, serviceScript, startService } from "./service.ts";
import { ensureSystemPackages, findProgram } from "./system-packages.ts";
import { cacheDirectory } from "./workspace-directory.ts";

/** Namespaces in which programs of arm64 run on this machine. */
export type Emulation = Readonly<{
  /** A folder, for PATH, with a program of that name which runs the real one there. */
  wrap(program: string): Promise<string>;
  /** What starts containers there, by runc. */
  runtime: string;
  stop(): Promise<void>;
}>;

/**
 * Emulates arm64 in a user namespace of its own, by Debian's QEMU: no other process of this machine sees anything of
 * it. It ends with this process.
 *
 * @throws Error where this is not root on Linux 6.7 or newer
 */
export async function startEmulation(): Promise<Emulation> {
  const qemu = join(await ensureFolder("qemu", downloadQemu), "usr/bin/qemu-aarch64-static");
  const directory = createServiceDirectory("emulation");
  const service = startService(directory, ["sh", serviceScript("emulated.sh"), directory, qemu], {
    endedBy: "TERM",
  });
  try {
    await service.logged(/(ready)/);
    const id = (await readFile(join(directory, "namespace.pid"), "utf8")).trim();
    const runtime = serviceScript("emulated-runc.sh");
    return { wrap: (program) => wrap(directory, id, program), runtime, stop: service.stop };
  } catch (error) {
    await service.stop();
    throw error;
  }
}

async function wrap(directory: string, id: string, program: string): Promise<string> {
  const path = join(directory, program);
  const enter = `nsenter --target ${id} --user --mount -- '${findProgram(program) ?? program}' "$@"`;
  await writeFile(path, `#!/bin/sh\nexec ${enter}\n`);
  await chmod(path, 0o755);
  return directory;
}

/** A tar of Debian for arm64, with python3 and no pip: unpacked, but never set up. */
export async function ensureArm64Base(): Promise<string> {
  await ensureSystemPackages(["mmdebstrap"]);
  return join(await ensureFolder("arm64-base", unpackDebian), "base.tar");
}

async function downloadQemu(folder: string): Promise<void> {
  const options = { cwd: folder, stdout: process.stderr, stderr: "inherit" } as const;
  await execa("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "download", "qemu-user-static"], options);
  for (const name of await readdir(folder)) {
    await execa("dpkg-deb", ["-x", name, "."], options);
    await rm(join(folder, name));
  }
}

/** Devices cannot be made in a user namespace. */
async function unpackDebian(folder: string): Promise<void> {
  const shell = ["dash", "coreutils", "findutils", "grep", "sed", "libc-bin", "debianutils"];
  const packages = [...shell, "base-files", "base-passwd", "ca-certificates", "python3"].join(",");
  const options = ["--quiet", "--variant=extract", "--arch=arm64", "--skip=output/dev"];
  await execa("mmdebstrap", [...options, `--include=${packages}`, "bookworm", join(folder, "base.tar")], {
    stdout: process.stderr,
    stderr: "inherit",
  });
}

/** A folder of the cache, filled where it is not there. */
async function ensureFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheDirectory, name);
  if (existsSync(folder)) return folder;
  await mkdir(cacheDirectory, { recursive: true });
  const unfinished = await mkdtemp(`${folder}.`);
  await fill(unfinished);
  await renameUnlessThere(unfinished, folder);
  return folder;
}
