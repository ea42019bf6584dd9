import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { publishImage } from "@imagespec/test-services";
import { beforeAll, expect, inject, test } from "vitest";
import { type Ended, ensureCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const { dockerHost, registry } = inject("services");
const base = `${registry}/explain/base:1`;

function publishBase(labels: Readonly<Record<string, string>> = {}): Promise<string> {
  return publishImage(`http://${registry}`, "explain/base", { tags: ["1"], labels });
}

beforeAll(async () => {
  ensureCommand();
  await publishBase();
});

const spec = (name: string, more = ""): string =>
  `name: ${name}
registry: ${registry}/explain
platform: linux/amd64
base_image: ${base}
source_root: src
work_directory: /app
${more}`;

const files = { "src/a.py": "a", "src/b.py": "b", "src/c.py": "c" };

function imagespec(cwd: string, ...args: readonly string[]): Promise<Ended> {
  return runCommand(args, { cwd, environment: { DOCKER_HOST: dockerHost } });
}

/** Changes a file in each way that there is. */
function changeFiles(cwd: string): void {
  chmodSync(path.join(cwd, "src/a.py"), 0o755);
  writeFileSync(path.join(cwd, "src/b.py"), "changed");
  rmSync(path.join(cwd, "src/c.py"));
  writeFileSync(path.join(cwd, "src/d.py"), "");
}

const changed = [
  "  env.A: added",
  "  src/a.py: made executable",
  "  src/b.py: content changed",
  "  src/d.py: added",
  "  src/c.py: removed",
].join("\n");

test("a build is noted, and told from what is there now; so is the image that was pushed", async () => {
  const cwd = temporaryFolder({ ...files, "image.yaml": spec("way", 'env: {API_TOKEN: "planted-value"}\n') });
  const first = await imagespec(cwd, "explain");
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toMatch(/^baseImage +- +\S+ \(by its name\)$/m);
  expect(first.stdout).toMatch(/^src\/a\.py +ca978112ca1b$/m);
  expect(first.stdout).toMatch(/^no build of it was noted here/m);

  const built = await imagespec(cwd, "build");
  expect(built.code).toBe(0);
  const [reference = ""] = built.stdout.split("@");
  const same = await imagespec(cwd, "explain");
  expect(same.stdout).toMatch(/^nothing differs from the last build here \(\S+, \d{4}-\S+ \d\d:\d\d UTC\)$/m);

  writeFileSync(path.join(cwd, "image.yaml"), spec("way", 'env: {API_TOKEN: "planted-value", A: "1"}\n'));
  changeFiles(cwd);
  const since = await imagespec(cwd, "explain");
  expect(since.stdout).toContain(`what differs from the last build here (${reference}, `);
  expect(since.stdout).toContain(`):\n${changed}\n`);
  const against = await imagespec(cwd, "explain", "--against", reference);
  expect(against).toMatchObject({ code: 0, stderr: "" });
  expect(against.stdout).toContain(`what differs from ${reference}:\n${changed}\n`);
  for (const { stdout } of [first, since, against]) expect(stdout).not.toContain("planted-value");

  const plan = await imagespec(cwd, "plan");
  expect(plan.stdout).toMatch(/^way +build +docker +\S+ +127\.0\.0\.1:\d+ +it is not there$/m);
  expect(plan.stdout).toContain(
    `way: builds for linux/amd64 on ${base}, and pushes it to ${registry}/explain/way\n`,
  );
  expect(plan.stdout).toMatch(
    /^ {2}since the last build here: env\.A: added; src\/a\.py: made executable; .*; and 2 more: imagespec explain$/m,
  );
  const [planned] = JSON.parse((await imagespec(cwd, "plan", "--json")).stdout).images;
  expect(planned).toMatchObject({
    destination: "registry",
    base: { reference: base, digest: null, spec: false },
    answeredBy: { kind: "registry", name: registry },
    sinceLastBuild: { against: { kind: "last-build", reference } },
  });

  const document = JSON.parse((await imagespec(cwd, "explain", "--json", "--against", reference)).stdout);
  expect(document.images).toMatchObject([
    {
      name: "way",
      against: { kind: "image", reference, fingerprint: reference.split(":").at(-1), time: null },
      differences: expect.arrayContaining([{ name: "env.A", change: "added", detail: "added" }]),
      inputs: expect.arrayContaining([
        {
          name: "src/a.py",
          kind: "file",
          digest: expect.stringMatching(/^sha256:ca978112ca1b/),
          executable: true,
        },
      ]),
    },
  ]);
});

test("specs and locks are compared, of this folder and of an older commit", async () => {
  const both = { images: { one: { packages: ["pandas==2.2.0"] }, two: { packages: ["pandas==2.3.3"] } } };
  const cwd = temporaryFolder({ "specs.json": JSON.stringify(both), "image.yaml": spec("locked"), ...files });
  const keys = await imagespec(cwd, "explain", "specs.json#two", "--against", "specs.json#one");
  expect(keys.stdout).toMatch(
    /^what differs from specs\.json#one \(one:\S+\):\n {2}packages: pandas 2\.2\.0 → 2\.3\.3$/m,
  );
  expect(await imagespec(cwd, "explain", "specs.json#two", "--against", "specs.json")).toMatchObject({
    code: 2,
  });
  expect(await imagespec(cwd, "explain", "specs.json", "--against", "specs.json#one")).toMatchObject({
    code: 2,
  });

  const git = (...args: readonly string[]): Buffer =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      cwd,
      stdio: "pipe",
    });
  const before = await publishBase();
  await imagespec(cwd, "lock");
  git("init", "--quiet");
  git("add", "imagespec.lock.json");
  git("commit", "--quiet", "--message", "lock");
  const after = await publishBase({ moved: "yes" });
  await imagespec(cwd, "lock");
  const told = await imagespec(cwd, "explain", "--against", "HEAD:imagespec.lock.json");
  expect(told.stdout).toContain(`  baseImage: ${base}: ${before} → ${after}\n`);
  const same = await imagespec(cwd, "explain", "--against", "imagespec.lock.json");
  expect(same.stdout).toMatch(/^nothing differs from imagespec\.lock\.json/m);
  for (const wrong of ["HEAD~9:imagespec.lock.json", "-x:imagespec.lock.json", "other/imagespec.lock.json"]) {
    expect(await imagespec(cwd, "explain", `--against=${wrong}`)).toMatchObject({ code: 2 });
  }
  await publishBase();
});

test("a cache that cannot be written to fails no build, and is told of; a damaged note is none", async () => {
  const cwd = temporaryFolder({ ...files, "image.yaml": spec("cache") });
  await imagespec(cwd, "build");
  const builds = path.join(cwd, ".test-cache", "imagespec", "builds");
  const [note = ""] = readdirSync(builds);
  const text = readFileSync(path.join(builds, note), "utf8");
  expect(text).toContain('"src"');
  writeFileSync(path.join(builds, note), text.slice(0, 100));
  expect((await imagespec(cwd, "explain")).stdout).toMatch(/^no build of it was noted here/m);

  rmSync(builds, { recursive: true });
  writeFileSync(builds, "in the way");
  const again = await imagespec(cwd, "build");
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("/explain/cache:") });
  expect(again.stderr).toMatch(
    /^warning\[LAST_BUILD_NOT_KEPT\] .*\(\w+\): explain will not know this build/m,
  );
});
