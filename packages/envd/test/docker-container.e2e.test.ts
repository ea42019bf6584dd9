import { randomUUID } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageSpec } from "@imagespec/core";
import { connectEngine, ensureBuildkit, ensureSystemPackages, followAnswer } from "@imagespec/test-services";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { EnvdOptions } from "../src/index.ts";
import { build } from "./support/engine.ts";
import { prepareSuite } from "./support/suite.ts";

const { dockerHost, registry, programs } = prepareSuite();
const { baseImages } = inject("services");
const client = connectEngine(dockerHost);
/** What envd 1.3.6 starts, and pulls only where Docker does not have it. */
const image = "docker.io/moby/buildkit:v0.19.0";
const name = `imagespec-buildkitd-${randomUUID()}`;
const baseImage = baseImages["python-nopip"];
const spec: ImageSpec = { name: "in-container", registry, baseImage, commands: ["true"] };
const context: EnvdOptions["context"] = { builder: "docker-container", address: name };

/** BuildKit's own programs and runc, under the name that envd asks for. */
async function importImage(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "imagespec-buildkit-"));
  const src = ["Dockerfile", "buildkitd", "buildctl"];
  try {
    const { buildkitd, buildctl } = await ensureBuildkit();
    await copyFile(buildkitd, join(folder, "buildkitd"));
    await copyFile(buildctl, join(folder, "buildctl"));
    const runc = "apt-get -qq update && apt-get -qq install --yes --no-install-recommends runc";
    const lines = [`FROM ${baseImage}`, `RUN ${runc}`, "COPY buildkitd buildctl /usr/bin/"];
    await writeFile(join(folder, "Dockerfile"), lines.join("\n"));
    await followAnswer(await client.buildImage({ context: folder, src }, { t: image }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Ends the container of that name; nothing where there is none. */
async function removeContainer(): Promise<void> {
  const found = await client.listContainers({ all: true, filters: { name: [name] } });
  for (const { Id } of found) await client.getContainer(Id).remove({ force: true, v: true });
}

beforeAll(async () => {
  // envd talks to the daemon by docker's own command.
  await ensureSystemPackages(["docker"]);
  await importImage();
});

afterAll(removeContainer);

/** Where this machine itself lacks a capability, no container can have all of them. */
async function hasAllCapabilities(): Promise<boolean> {
  const [, bounding = ""] =
    /^CapBnd:\s*([0-9a-f]+)$/m.exec(await readFile("/proc/self/status", "utf8")) ?? [];
  const last = Number(await readFile("/proc/sys/kernel/cap_last_cap", "utf8"));
  return BigInt(`0x${bounding}`) === (1n << BigInt(last + 1)) - 1n;
}

test("envd starts a privileged container where there is none", async () => {
  const { outcome } = await build(spec, { options: { binary: programs.envd, context } });
  const isPossible = await hasAllCapabilities();
  // Its network is its own: the suite's registry, on this machine's loopback, is not to be reached from there.
  expect(outcome.error?.code).toBe(isPossible ? "BASE_IMAGE_UNREACHABLE" : "ENVD_BUILDER_UNREACHABLE");
  if (!isPossible) {
    expect(outcome.error?.message).toMatch(/failed to start container.*caps/);
    return;
  }
  const { State, HostConfig, Config } = await client.getContainer(name).inspect();
  expect(State.Running).toBe(true);
  expect(HostConfig.Privileged).toBe(true);
  expect(Config.Image).toBe(image);
  await removeContainer();
});

test("a container of that name is used as it is", async () => {
  // As much as a container can have on a machine that lacks one itself.
  const HostConfig = {
    NetworkMode: "host",
    CapAdd: ["ALL"],
    CapDrop: ["SYS_RESOURCE"],
    SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined"],
    MaskedPaths: [],
    ReadonlyPaths: [],
    Binds: ["/sys/fs/cgroup:/sys/fs/cgroup:rw"],
    Mounts: [{ Type: "volume" as const, Target: "/var/lib/buildkit", Source: "" }],
  };
  const container = await client.createContainer({
    name,
    Image: image,
    Entrypoint: ["buildkitd"],
    HostConfig,
  });
  await container.start();
  const { outcome } = await build(spec, { options: { binary: programs.envd, context } });
  expect(outcome.error).toBeUndefined();
  expect(outcome).toMatchObject({ status: "built", image: { digest: expect.stringMatching(/^sha256:/) } });
});
