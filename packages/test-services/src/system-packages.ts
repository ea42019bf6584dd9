import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";

/** Debian's package for each program that the services run. */
const packageOf = {
  buildah: "buildah",
  containerd: "containerd",
  docker: "docker.io",
  dockerd: "docker.io",
  "docker-registry": "docker-registry",
  ip: "iproute2",
  iptables: "iptables",
  mmdebstrap: "mmdebstrap",
  openssl: "openssl",
  pip3: "python3-pip",
  podman: "podman",
  runc: "runc",
  skopeo: "skopeo",
  tini: "tini",
  tmux: "tmux",
} as const;

export type SystemProgram = keyof typeof packageOf;

const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

/** The search path with the folders of system programs, which a user's PATH may lack. */
export const systemPath: string = [...(process.env.PATH ?? "").split(delimiter), ...systemFolders].join(
  delimiter,
);

export function findProgram(name: string): string | undefined {
  const folders = systemPath.split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** True on Debian, Ubuntu and what derives from them. */
function isDebianLike(): boolean {
  if (!existsSync("/etc/os-release")) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync("/etc/os-release", "utf8"));
}

/** True for root on Debian, Ubuntu and their kin. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && isDebianLike();
}

/**
 * Installs what is missing by apt, without starting any service of the system's.
 * @throws Error naming what to install where that is not possible: only root can, on Debian or Ubuntu.
 */
export async function ensureSystemPackages(programs: readonly SystemProgram[]): Promise<void> {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => packageOf[program]))];
  if (!canInstall()) {
    throw new Error(
      `${missing.join(", ")} not found. Install ${packages.join(", ")} (on Debian or Ubuntu: ` +
        `apt-get install --no-install-recommends ${packages.join(" ")}), or run this as root there.`,
    );
  }
  await aptInstall(packages);
}

async function aptInstall(packages: readonly string[]): Promise<void> {
  await apt(["update"]);
  await apt(["install", "--yes", "--no-install-recommends", ...packages]);
}

const aptOptions = ["-qq", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Use-Pty=0"];

/** One apt at a time: apt itself does not wait for another's lists. */
async function apt(args: readonly string[]): Promise<void> {
  await execa("flock", ["/var/lock/imagespec-apt", "apt-get", ...aptOptions, ...args], {
    // RUNLEVEL keeps invoke-rc.d from starting what was just installed.
    env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    stdin: "ignore",
    stdout: process.stderr,
    stderr: "inherit",
  });
}
