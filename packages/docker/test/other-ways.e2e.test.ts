import { randomUUID } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BuilderRegistry, type BuildPlan, createEngine, type ImageSpec } from "@imagespec/core";
import { connectEngine } from "@imagespec/test-services";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { runBuild } from "../src/engine/run-build.ts";
import { docker } from "../src/index.ts";
import { anyPlan, buildRequest } from "./support/build-request.ts";
import { inTemporaryFolder } from "./support/engine-under-test.ts";
import { handwritten } from "./support/handwritten.ts";
import { runContainer } from "./support/run-container.ts";

const { dockerHost, baseImages } = inject("services");
const client = connectEngine(dockerHost);
const base = baseImages["python-nopip"];
const plan: BuildPlan = { ...anyPlan, base: { kind: "reference", reference: base } };

beforeEach(() => {
  vi.stubEnv("DOCKER_HOST", dockerHost);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

async function buildSpec(cwd: string, spec: ImageSpec): Promise<string> {
  const builders = new BuilderRegistry().register(docker());
  const [outcome] = await createEngine({ builders, cwd }).build([spec]);
  if (outcome?.error !== undefined) throw outcome.error;
  return outcome?.reference ?? "";
}

test("the classic builder makes images of files, variables and labels", () =>
  inTemporaryFolder(async (cwd) => {
    vi.stubEnv("IMAGESPEC_ENGINE", "classic");
    const stamp = randomUUID();
    await writeFile(join(cwd, "data.txt"), stamp);
    const copy = [{ from: "data.txt", to: "/srv/data.txt" }];
    const spec: ImageSpec = {
      name: "classic",
      baseImage: base,
      copy,
      env: { STAMP: stamp },
      labels: { a: "b" },
    };
    const reference = await buildSpec(cwd, spec);
    const command = ["sh", "-c", "cat /srv/data.txt; echo $STAMP"];
    expect(await runContainer(client, reference, { command })).toBe(`${stamp}${stamp}\n`);
  }));

test.each([
  ["runs a step", { commands: ["true"] }],
  ["is for another platform", { platform: "linux/arm64" }],
])("the classic builder refuses an image that %s", (_, parts) =>
  inTemporaryFolder(async (cwd) => {
    vi.stubEnv("IMAGESPEC_ENGINE", "classic");
    const building = buildSpec(cwd, { name: "classic", baseImage: base, ...parts });
    await expect(building).rejects.toMatchObject({ code: "ENGINE_NO_BUILDKIT" });
  }),
);

/** What the other machine would do with what it is asked: talk to the engine there. */
const standIn = (words: string) => `#!/bin/sh
echo "$@" >'${words}'
for command; do :; done
DOCKER_HOST='${dockerHost}' exec sh -c "$command"
`;

test("an engine behind ssh is reached through ssh's own command", () =>
  inTemporaryFolder(async (folder) => {
    const words = join(folder, "words");
    await writeFile(join(folder, "ssh"), standIn(words));
    await chmod(join(folder, "ssh"), 0o755);
    vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
    vi.stubEnv("DOCKER_HOST", "ssh://me@build.example:2222");
    const secret = randomUUID();
    const services = { secret: async () => Buffer.from(secret) };
    const reference = `imagespec-test/${randomUUID()}:1`;
    const { request } = buildRequest({ plan, reference, services });
    const mount = "RUN --mount=type=secret,id=token,target=/run/token,required=true";
    const lines = [`FROM ${base}`, `${mount} sha256sum < /run/token > /made`];
    await runBuild(request, handwritten(lines, { secrets: ["token"] }));
    const sum = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(secret))).toString("hex");
    expect(await runContainer(client, reference, { command: ["cat", "/made"] })).toContain(sum);
    expect(await readFile(words, "utf8")).toBe(
      "-o ConnectTimeout=30 -o BatchMode=yes -T -l me -p 2222 -- build.example docker system dial-stdio\n",
    );
  }));

test("what ssh says is the error", () =>
  inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, "ssh"), "#!/bin/sh\necho 'Host key verification failed.' >&2\nexit 255\n");
    await chmod(join(folder, "ssh"), 0o755);
    vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
    vi.stubEnv("DOCKER_HOST", "ssh://build.example");
    vi.stubEnv("IMAGESPEC_ENGINE", "docker");
    const { request } = buildRequest({ plan });
    await expect(runBuild(request, handwritten([`FROM ${base}`]))).rejects.toMatchObject({
      code: "ENGINE_SSH",
      message: expect.stringContaining("Host key verification failed."),
    });
  }));
