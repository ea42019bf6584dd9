import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { connectEngine } from "@imagespec/test-services";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { type Ended, ensureCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const { dockerHost, registry, baseImages } = inject("services");
const base = baseImages["python-system"];
const run = promisify(execFile);

beforeAll(ensureCommand);

/** Each test builds images of its own: what another has built would be there already. */
function specText(name: string, more = ""): string {
  return `name: ${name}
registry: ${registry}/cli
base_image: ${base}
copy: [app.py]
env: {Greeting: "it's here", Debug: True}
commands: ["echo built > /marker"]
${more}`;
}

const files = {
  "app.py": "import os\nprint(os.environ['Greeting'], os.environ['Debug'], open('/marker').read())\n",
};

async function imagespec(cwd: string, ...args: readonly string[]): Promise<Ended> {
  return runCommand(args, { cwd, environment: { DOCKER_HOST: dockerHost } });
}

async function digestInRegistry(reference: string): Promise<string | null> {
  const [, repository, tag] = /^[^/]+\/(.+):([^:]+)$/.exec(reference) ?? [];
  const url = `http://${registry}/v2/${repository}/manifests/${tag}`;
  const accept = "application/vnd.docker.distribution.manifest.v2+json";
  const answer = await fetch(url, { method: "HEAD", headers: { accept } });
  return answer.ok ? answer.headers.get("docker-content-digest") : null;
}

async function containerOutput(image: string, command: readonly string[]): Promise<string> {
  const engine = connectEngine(dockerHost);
  const container = await engine.createContainer({ Image: image, Cmd: [...command], Tty: true });
  try {
    const output = await container.attach({ stream: true, stdout: true });
    await container.start();
    const parts: Buffer[] = [];
    for await (const part of output as AsyncIterable<Buffer>) parts.push(part);
    return Buffer.concat(parts).toString();
  } finally {
    await container.remove({ force: true });
  }
}

describe("one spec, all the way", () => {
  test("is planned, built, pushed, found, and not built again", async () => {
    const cwd = temporaryFolder({ ...files, "image.yaml": specText("way") });
    const tag = await imagespec(cwd, "tag");
    expect(tag).toMatchObject({ code: 0, stderr: "" });
    const reference = tag.stdout.trim();
    expect(reference).toMatch(new RegExp(`^${registry}/cli/way:[a-z2-7]{26}$`));

    expect(await imagespec(cwd, "exists")).toMatchObject({ code: 1, stdout: "absent\n" });
    const plan = await imagespec(cwd, "plan", "--exit-code");
    expect(plan).toMatchObject({ code: 4, stderr: expect.stringMatching(/^warning\[BASE_UNLOCKED\] .*\n$/) });
    expect(plan.stdout).toMatch(/^way\s+build\s+docker\s.* it is not there$/m);

    const built = await imagespec(cwd, "build");
    const digest = await digestInRegistry(reference);
    expect(built).toMatchObject({ code: 0, stdout: `${reference}@${digest}\n` });
    expect(built.stderr).toMatch(/^#\d+ way .*echo built > \/marker$/m);
    expect(built.stderr).toMatch(new RegExp(`^way: built ${reference}@${digest} in \\d`, "m"));

    const again = await imagespec(cwd, "build");
    expect(again).toMatchObject({ code: 0, stdout: built.stdout, stderr: `way: present ${built.stdout}` });
    expect(await imagespec(cwd, "exists")).toMatchObject({ code: 0, stdout: `present ${digest}\n` });
    expect(await imagespec(cwd, "exists", reference, "image.yaml")).toMatchObject({
      code: 0,
      stdout: `present ${digest}\npresent ${digest}\n`,
    });
    expect(await imagespec(cwd, "plan", "--exit-code")).toMatchObject({ code: 0 });
    expect(await containerOutput(`${reference}@${digest}`, ["python3", "app.py"])).toBe(
      "it's here True built\r\n\r\n",
    );
    expect(await imagespec(cwd, "check-public")).toMatchObject({ code: 0, stdout: "public\n", stderr: "" });
  });

  test("--json and --metadata-file hold one document", async () => {
    const cwd = temporaryFolder({ ...files, "image.yaml": specText("document") });
    const reference = (await imagespec(cwd, "tag")).stdout.trim();
    const first = await imagespec(
      cwd,
      "build",
      "--json",
      "--metadata-file",
      "metadata.json",
      "--progress",
      "json",
    );
    const digest = await digestInRegistry(reference);
    const image = {
      name: "document",
      reference,
      tag: reference.split(":").at(-1),
      digest,
      imageId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      status: "built",
      builder: "docker",
      platforms: ["linux/amd64"],
      warnings: [],
      durationMs: expect.any(Number),
    };
    expect(JSON.parse(first.stdout)).toEqual({ images: [image] });
    expect(readFileSync(path.join(cwd, "metadata.json"), "utf8")).toBe(first.stdout);
    const events = first.stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.at(0)).toMatchObject({ type: "image-planned", image: reference });
    expect(events.at(-1)).toMatchObject({ type: "image-end", status: "built", digest });

    const second = await imagespec(cwd, "build", "--json", "--progress", "quiet");
    expect(second.stderr).toBe("");
    expect(JSON.parse(second.stdout)).toEqual({ images: [{ ...image, imageId: null, status: "present" }] });
    expect(JSON.parse((await imagespec(cwd, "exists", "--json")).stdout)).toEqual([
      { reference, verdict: "present", digest, mediaType: expect.stringContaining("manifest") },
    ]);
    expect(
      JSON.parse((await imagespec(cwd, "exists", reference, "--json", "--platform", "linux/arm64")).stdout),
    ).toMatchObject([{ reference, verdict: "absent", reason: "missing-platforms: linux/arm64" }]);
  });

  test("--force says what it does, and does it", async () => {
    const cwd = temporaryFolder({ ...files, "image.yaml": specText("force") });
    const first = await imagespec(cwd, "build");
    const forced = await imagespec(cwd, "build", "--force");
    const [reference, digest] = forced.stdout.trim().split("@");
    expect(first.stdout.split("@")[0]).toBe(reference);
    expect(digest).toBe(await digestInRegistry(reference ?? ""));
    expect(forced.stderr).toMatch(/^--force builds without asking .* pushes over tags that are$/m);
    expect(forced.stderr).toMatch(/^force: built /m);
  });

  test("--no-push leaves the image in the engine's store", async () => {
    const cwd = temporaryFolder({ ...files, "image.yaml": specText("local") });
    const built = await imagespec(cwd, "build", "--no-push", "--json");
    const [image] = JSON.parse(built.stdout).images;
    expect(image).toMatchObject({
      status: "built",
      digest: null,
      imageId: expect.stringMatching(/^sha256:/),
    });
    expect(await digestInRegistry(image.reference)).toBeNull();
    const again = await imagespec(cwd, "build", "--no-push");
    expect(again).toMatchObject({ code: 0, stdout: `${image.reference}\n` });
    expect(again.stderr).toMatch(/^local: present/);
    expect(await imagespec(cwd, "exists", "--registry", "")).toMatchObject({ code: 1, stdout: "absent\n" });
  });

  test("without a registry the name is local, and so is the question", async () => {
    const cwd = temporaryFolder({ ...files, "image.yaml": specText("store") });
    const noRegistry = ["--registry", ""];
    expect((await imagespec(cwd, "exists", ...noRegistry)).code).toBe(1);
    const built = await imagespec(cwd, "build", ...noRegistry);
    expect(built.stdout).toMatch(/^store:[a-z2-7]{26}\n$/);
    const found = await imagespec(cwd, "exists", ...noRegistry);
    expect(found).toMatchObject({ code: 0, stdout: expect.stringMatching(/^present sha256:/) });
  });
});

describe("several specs", () => {
  test("a base is built once and before what stands on it; YAML, JSON and TypeScript give one tag", async () => {
    const shared = { registry: `${registry}/cli`, copy: ["app.py"] };
    const nested = {
      name: "nested-base",
      registry: `${registry}/cli`,
      baseImage: base,
      commands: ["echo b > /marker"],
    };
    const images = {
      one: { ...shared, baseImage: nested, env: { N: "1" } },
      two: { ...shared, baseImage: nested },
    };
    const cwd = temporaryFolder({
      ...files,
      "specs.json": JSON.stringify({ images }),
      "specs.ts": `const images: Record<string, object> = ${JSON.stringify(images)};\nexport default images;`,
      "specs.yaml": `images: ${JSON.stringify(images)}`,
    });
    const tags = await Promise.all(
      ["json", "ts", "yaml"].map((extension) => imagespec(cwd, "tag", `specs.${extension}`)),
    );
    expect(new Set(tags.map(({ stdout }) => stdout))).toEqual(new Set([tags[0]?.stdout]));
    const built = await imagespec(cwd, "build", "specs.ts");
    expect(built.code).toBe(0);
    expect(built.stdout.replaceAll(/@.*$/gm, "")).toBe(tags[0]?.stdout);
    expect(built.stderr.match(/^nested-base: building /gm)).toHaveLength(1);
    expect(built.stderr).toMatch(/^nested-base: built[\s\S]*^one: building/m);
  });

  test("one failure cancels the rest, or with --keep-going leaves them be", async () => {
    const good = specText("good").replaceAll(/^/gm, "    ");
    const bad = specText("bad")
      .replace("echo built > /marker", "echo said; exit 42")
      .replaceAll(/^/gm, "    ");
    const cwd = temporaryFolder({ ...files, "specs.yaml": `images:\n  bad:\n${bad}\n  good:\n${good}` });
    const stopped = await imagespec(cwd, "build", "specs.yaml", "--concurrency", "1");
    expect(stopped).toMatchObject({ code: 1, stdout: "" });
    expect(stopped.stderr).toMatch(/^error\[BUILD_STEP_FAILED\] .*\/cli\/bad:\w+: .*exit code 42/m);
    expect(stopped.stderr).toMatch(
      /^ {2}step: echo said; exit 42 \(exit code 42\)\n {2}\| said\n {2}hint: /m,
    );
    const goneOn = await imagespec(cwd, "build", "specs.yaml", "--keep-going", "--json");
    expect(goneOn.code).toBe(1);
    expect(JSON.parse(goneOn.stdout)).toMatchObject({
      images: [
        {
          name: "bad",
          status: "failed",
          error: { code: "BUILD_STEP_FAILED", step: { exitCode: 42, log: ["said"] } },
        },
        { name: "good", status: "built" },
      ],
    });
  });

  test("the config's defaults, images and builders hold", async () => {
    const cwd = temporaryFolder({
      ...files,
      "imagespec.config.mjs": `export default {
        defaults: { registry: "${registry}/cli", baseImage: "${base}" },
        images: { config: { copy: ["app.py"], commands: ["echo c > /marker"] } },
      };`,
    });
    const built = await imagespec(cwd, "build", "config");
    expect(built).toMatchObject({ code: 0, stdout: expect.stringMatching(`^${registry}/cli/config:`) });
    expect(await imagespec(cwd, "exists", "config")).toMatchObject({ code: 0 });
    const known = await imagespec(cwd, "builders", "--json");
    expect(JSON.parse(known.stdout).builders).toContainEqual(
      expect.objectContaining({
        name: "docker",
        available: true,
        priority: 1,
        version: expect.stringMatching(/^\d/),
      }),
    );
  });
});

describe("emit", () => {
  test("prints the Dockerfile, and writes a folder from which docker itself builds the image", async () => {
    const cwd = temporaryFolder({ ...files, "image.yaml": specText("emitted") });
    const printed = await imagespec(cwd, "emit", "--format", "dockerfile");
    expect(printed.code).toBe(0);
    expect(printed.stdout).toMatch(/^FROM /m);
    const written = await imagespec(cwd, "emit", "--format", "dockerfile", "--out", "out");
    expect(written).toMatchObject({ code: 0, stdout: "" });
    expect(readFileSync(path.join(cwd, "out", "Dockerfile"), "utf8")).toBe(printed.stdout);
    const environment = { ...process.env, DOCKER_HOST: dockerHost, DOCKER_BUILDKIT: "1" };
    await run("/usr/bin/docker", ["build", "--quiet", "--tag", "emitted:test", path.join(cwd, "out")], {
      env: environment,
    });
    expect(await containerOutput("emitted:test", ["python3", "app.py"])).toBe("it's here True built\r\n\r\n");
    expect(await imagespec(cwd, "emit", "--format", "dockerfile", "--out", "out")).toMatchObject({
      code: 2,
      stderr: "error[USAGE] --out: out is not empty\n  hint: name a new folder\n",
    });
  });
});
