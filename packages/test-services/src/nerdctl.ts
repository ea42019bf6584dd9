import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensureBuildkit } from "./buildkitd.ts";
import { ensureGoPrograms } from "./go-programs.ts";
import { createServiceDirectory, startService } from "./service.ts";
import { ensureSystemPackages } from "./system-packages.ts";

/** A private containerd with a BuildKit that builds into it. */
export type Containerd = Readonly<{
  directory: string;
  /** What lets nerdctl find both, and itself be found. */
  environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}>;

const nerdctl = {
  name: "nerdctl",
  path: "github.com/containerd/nerdctl/v2",
  version: "v2.0.5",
  programs: ["nerdctl"],
  sum: "h1:IESe+0T2jpehMUNTlF6menup1iM++bl7jpPySHEQ5W0=",
  variables: ["github.com/containerd/nerdctl/v2/pkg/version.Version=v2.0.5"],
};

function containerdConfiguration(directory: string): string {
  return [
    "version = 2",
    `root = "${join(directory, "root")}"`,
    `state = "${join(directory, "state")}"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    `[grpc]\naddress = "${join(directory, "containerd.sock")}"`,
  ].join("\n");
}

/** Its steps have the network of this machine. */
function buildkitConfiguration(directory: string): string {
  return [
    `root = "${join(directory, "buildkit")}"`,
    `[grpc]\naddress = ["unix://${join(directory, "buildkitd.sock")}"]`,
    `[otel]\nsocketPath = "${join(directory, "otel.sock")}"`,
    "[worker.oci]\nenabled = false",
    `[worker.containerd]\nenabled = true\naddress = "${join(directory, "containerd.sock")}"`,
    'namespace = "default"\nnetworkMode = "host"',
  ].join("\n");
}

/** Containers and mounts of both, which see each other's, end with them. */
function command(directory: string, buildkitd: string): readonly string[] {
  const namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const script = [
    'containerd --config "$0/containerd.toml" &',
    'until [ -S "$0/containerd.sock" ]; do kill -0 $! && sleep 0.1 || exit 1; done',
    'exec "$1" --config "$0/buildkitd.toml"',
  ].join("\n");
  return [...namespaces, "sh", "-c", script, directory, buildkitd];
}

/**
 * A private containerd and BuildKit, and nerdctl to drive them, from its Go module. They end with this process.
 *
 * @throws Error when one of them does not start
 */
export async function startContainerd(): Promise<Containerd> {
  await ensureSystemPackages(["containerd", "runc"]);
  const [programs, { buildctl, buildkitd }] = await Promise.all([
    ensureGoPrograms(nerdctl),
    ensureBuildkit(),
  ]);
  const directory = createServiceDirectory("containerd");
  await mkdir(join(directory, "buildkit"));
  await writeFile(join(directory, "containerd.toml"), containerdConfiguration(directory));
  await writeFile(join(directory, "buildkitd.toml"), buildkitConfiguration(directory));
  await writeFile(join(directory, "nerdctl.toml"), `data_root = "${join(directory, "nerdctl")}"\n`);
  const service = startService(directory, command(directory, buildkitd));
  try {
    await service.logged(/running server on ([^\s"]+)/);
  } catch (error) {
    await service.stop();
    throw error;
  }
  const environment = {
    CONTAINERD_ADDRESS: join(directory, "containerd.sock"),
    CONTAINERD_NAMESPACE: "default",
    NERDCTL_TOML: join(directory, "nerdctl.toml"),
    BUILDKIT_HOST: `unix://${join(directory, "buildkitd.sock")}`,
    PATH: `${programs}:${dirname(buildctl)}:${process.env.PATH}`,
  };
  return { directory, environment, stop: () => service.stop() };
}
