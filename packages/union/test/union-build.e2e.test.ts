import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  BuilderRegistry,
  createEngine,
  type ImageEngine,
  type ImageOutcome,
  type ImageSpec,
} from "@imagespec/core";
import { docker } from "@imagespec/docker";
import { registryClient } from "@imagespec/registry";
import { connectEngine } from "@imagespec/test-services";
import { dockerExecutor, startUnionBackend, type UnionBackend } from "@imagespec/union-backend";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { union } from "../src/index.ts";
import { pull, runIn } from "./support/run-in.ts";
import { expectNoSecrets } from "./support/testbed.ts";

const { dockerHost, registry, baseImages } = inject("services");
const client = connectEngine(dockerHost);
const base = baseImages["python-venv"];

const project = `
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["six==1.16.0"]
[dependency-groups]
dev = ["tabulate"]
`;

let cwd: string;
let backend: UnionBackend;
/** All that people may see of these builds. */
const said: unknown[] = [];

beforeAll(async () => {
  vi.stubEnv("DOCKER_HOST", dockerHost);
  cwd = await mkdtemp(path.join(tmpdir(), "imagespec-union-"));
  await mkdir(path.join(cwd, "app"));
  await writeFile(path.join(cwd, "app/main.py"), "print('hello')\n");
  await writeFile(path.join(cwd, "pyproject.toml"), project);
  await pull(client, base);
  const script = "python3 -m venv /tmp/uv; /tmp/uv/bin/pip -q install uv; cd /work; /tmp/uv/bin/uv -q lock";
  await runIn(client, base, { script, binds: [`${cwd}:/work`] });
  backend = await startUnionBackend({ executor: dockerExecutor({ dockerHost, registry }) });
});

afterAll(async () => {
  expectNoSecrets(said);
  vi.unstubAllEnvs();
  await backend?.stop();
  await rm(cwd, { recursive: true, force: true });
});

const spec: ImageSpec = {
  name: "union-e2e",
  registry,
  platform: "linux/amd64",
  baseImage: base,
  aptPackages: ["file"],
  requirements: "uv.lock",
  sourceRoot: "app",
  env: { GREETING: 'it\'s "here" for $5' },
  commands: ["cd /root", "python3 main.py > said.txt", "pwd >> said.txt"],
};

function engineWith(name: "union" | "docker"): ImageEngine {
  const builders = new BuilderRegistry();
  const place = { endpoint: backend.endpoint, insecure: true, project: "proj", domain: "development" };
  builders.register(name === "union" ? union(place) : docker());
  return createEngine({ builders, registry: registryClient(), cwd });
}

async function build(one: ImageSpec & { builder: "union" | "docker" }, force = false): Promise<ImageOutcome> {
  const [outcome] = await engineWith(one.builder).build([one], {
    force,
    onEvent: (event) => said.push(event),
  });
  said.push(outcome);
  return outcome!;
}

const look = `cat /root/main.py /root/said.txt; echo "$GREETING $PYTHONPATH"; which file; python3 -m pip freeze --all`;

test("one spec through Union and docker: the same tag, packages and files", async () => {
  const first = await build({ ...spec, builder: "union" });
  expect(first.error).toBeUndefined();
  expect(first).toMatchObject({ status: "built", image: { digest: expect.stringMatching(/^sha256:/) } });
  await pull(client, first.reference);
  const ours = await runIn(client, first.reference, { script: look });
  expect(ours).toContain("print('hello')\nhello\n/root\nit's \"here\" for $5 /root\n/usr/bin/file\n");
  expect(ours).toContain("six==1.16.0");
  expect(ours).not.toContain("tabulate");

  const again = await build({ ...spec, builder: "union" });
  expect(again).toMatchObject({ status: "present", reference: first.reference });

  const forced = await build({ ...spec, builder: "docker" }, true);
  expect(forced.error).toBeUndefined();
  expect(forced.reference).toBe(first.reference);
  await pull(client, forced.reference);
  expect(await runIn(client, forced.reference, { script: look })).toBe(ours);
});

test("a build that fails tells the engine's own words", async () => {
  const { requirements: _, aptPackages: __, ...rest } = spec;
  const { status, error } = await build({
    ...rest,
    builder: "union",
    commands: ["echo about to fail", "exit 42"],
  });
  expect(status).toBe("failed");
  expect(error).toMatchObject({
    code: "UNION_BUILD_FAILED",
    message: expect.stringContaining("42"),
    details: { step: { log: expect.arrayContaining([expect.stringContaining("about to fail")]) } },
  });
});
