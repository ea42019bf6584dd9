import { ImageSpecError } from "@imagespec/core";
import { afterEach, expect, test } from "vitest";
import { type FakeEngine, startFakeEngine, version } from "../../../test/support/fake-engine.ts";
import type { DockerOptions } from "../../options.ts";
import { chooseEngine } from "./choose-engine.ts";
import type { FoundEngine } from "./driver.ts";

const { signal } = new AbortController();
let fake: FakeEngine | undefined;

afterEach(() => fake?.stop());

/** With neither docker's command nor any other in PATH. */
async function choose(
  variables: Readonly<Record<string, string>> = {},
  options: DockerOptions = {},
  use: (found: FoundEngine) => Promise<unknown> = async () => {},
) {
  const environment = { HOME: "/nowhere", PATH: "/nowhere", ...variables };
  const { found, reason } = await chooseEngine({ options, environment, signal }, use);
  return { name: found.name, reason };
}

async function startPodman(): Promise<string> {
  const answer = JSON.stringify({ ...version, Version: "4.3.1", Components: [{ Name: "Podman Engine" }] });
  fake = await startFakeEngine({ "GET /version": (_, response) => response.end(answer) }, false);
  return `unix://${fake.socketPath}`;
}

test("Docker's API comes first, and needs no reason", async () => {
  fake = await startFakeEngine();
  const DOCKER_HOST = `unix://${fake.socketPath}`;
  expect(await choose({ DOCKER_HOST })).toEqual({ name: "docker", reason: undefined });
});

test("podman is found at Docker's address, and at its own", async () => {
  const address = await startPodman();
  const reason = expect.stringContaining("is podman, which has no BuildKit");
  expect(await choose({ DOCKER_HOST: address })).toEqual({ name: "podman", reason });
  expect(await choose({ CONTAINER_HOST: address, IMAGESPEC_ENGINE: "podman" })).toEqual({
    name: "podman",
    reason: "IMAGESPEC_ENGINE says so",
  });
});

test("an engine that is named is the only one; the variable wins over the option", async () => {
  fake = await startFakeEngine();
  const DOCKER_HOST = `unix://${fake.socketPath}`;
  expect(await choose({ DOCKER_HOST }, { engine: "classic" })).toEqual({
    name: "classic",
    reason: "builderOptions.docker.engine says so",
  });
  expect(await choose({ DOCKER_HOST, IMAGESPEC_ENGINE: "docker" }, { engine: "classic" })).toMatchObject({
    name: "docker",
  });
  await expect(choose({ DOCKER_HOST, IMAGESPEC_ENGINE: "buildah" })).rejects.toMatchObject({
    code: "ENGINE_NOT_FOUND",
    message: expect.stringContaining("buildah cannot be used"),
  });
  await expect(choose({ IMAGESPEC_ENGINE: "moby" })).rejects.toMatchObject({
    code: "ENGINE_UNKNOWN",
    details: { hint: expect.stringContaining("docker, podman, buildx") },
  });
});

test("where the user names an address, no program of this machine builds instead", async () => {
  const fault = await choose({ DOCKER_HOST: "unix:///nowhere.sock" }).catch((error: unknown) => error);
  expect(fault).toMatchObject({
    code: "ENGINE_NOT_FOUND",
    message: expect.stringContaining("/nowhere.sock"),
  });
  const { issues = [] } = (fault as ImageSpecError).details;
  expect(issues.map(({ message }) => message).filter((message) => /buildah|nerdctl/.test(message))).toEqual(
    [],
  );
});

test("what one engine cannot do is asked of buildx, and of no store of another kind", async () => {
  fake = await startFakeEngine();
  const asked: string[] = [];
  const refuse = async ({ name }: FoundEngine) => {
    asked.push(name);
    throw new ImageSpecError("PLATFORMS_UNSUPPORTED", `${name} cannot`, { hint: "none" });
  };
  const choosing = choose({ DOCKER_HOST: `unix://${fake.socketPath}` }, {}, refuse);
  await expect(choosing).rejects.toMatchObject({ code: "PLATFORMS_UNSUPPORTED", message: "docker cannot" });
  expect(asked).toEqual(["docker"]);
});

test("an engine that is there and cannot counts before those that are not", async () => {
  const refuse = async ({ name }: FoundEngine) => {
    throw new ImageSpecError("ENGINE_OPTION_UNSUPPORTED", `${name} cannot`, { hint: "none" });
  };
  await expect(choose({ DOCKER_HOST: await startPodman() }, {}, refuse)).rejects.toMatchObject({
    code: "ENGINE_OPTION_UNSUPPORTED",
    message: "podman cannot",
    cause: { errors: [{ code: "ENGINE_UNSUPPORTED" }, { code: "ENGINE_NOT_FOUND" }] },
  });
});
