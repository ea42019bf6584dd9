import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { materializeCase, type RecordedCase } from "../../test/materialize-case.ts";
import { contextEntries } from "../context/context-entries.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { type BuildPlan, type FilesStep, findStep } from "./build-plan.ts";
import { canonicalPlan, fingerprint } from "./fingerprint.ts";
import { planReference } from "./plan-reference.ts";
import { resolveImage, resolvePlan } from "./resolve-plan.ts";
import { isContainer, specId } from "./spec-id.ts";

const root = mkdtempSync(path.join(tmpdir(), "imagespec-plan-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const hostPlatform = "linux/amd64";

function inFolder(spec: ImageSpec, files: RecordedCase["files"] = {}) {
  const place = mkdtempSync(path.join(root, "case-"));
  const { directory } = materializeCase(place, { spec: {}, files });
  return resolveImage(spec, { cwd: directory, hostPlatform });
}

async function contextOf(image: Awaited<ReturnType<typeof inFolder>>): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of contextEntries(image))
    paths.push(entry.path + (entry.type === "directory" ? "/" : ""));
  return paths;
}

describe("references", () => {
  const plan = (spec: ImageSpec): Promise<BuildPlan> => resolvePlan(spec, { hostPlatform });

  test("have registry, name and tag", async () => {
    const made = await plan({ registry: "https://GHCR.io/Org/", name: "App", tagFormat: "{hash}-dev" });
    expect(planReference(made)).toBe(`ghcr.io/org/app:${fingerprint(made)}-dev`);
  });

  test("of a spec without a registry have the name alone", async () => {
    const made = await plan({});
    expect(planReference(made)).toBe(`imagespec:${fingerprint(made)}`);
    expect(fingerprint(made)).toMatch(/^[a-z2-7]{26}$/);
  });

  test.each(["v1", "{hash} x", ".{hash}", `${"a".repeat(120)}{hash}`])(
    "tag format %j is refused",
    async (tagFormat) => {
      await expect(plan({ tagFormat })).rejects.toMatchObject({ code: "SPEC_TAG_FORMAT" });
    },
  );

  test("a name that is no repository is refused", async () => {
    await expect(plan({ name: "my app" })).rejects.toMatchObject({ code: "REFERENCE_INVALID" });
  });
});

describe("platforms", () => {
  const platforms = async (spec: ImageSpec, host = "linux/arm64") =>
    (await resolvePlan(spec, { hostPlatform: host })).platforms;

  test("default to linux/amd64 for a registry, to the host's for a local engine", async () => {
    expect(await platforms({ registry: "ghcr.io/org" })).toEqual(["linux/amd64"]);
    expect(await platforms({})).toEqual(["linux/arm64"]);
    expect(await platforms({ registry: "localhost:30000" })).toEqual(["linux/arm64"]);
    expect(await platforms({ builder: "union" })).toEqual(["linux/amd64"]);
  });

  test("are normalised and sorted", async () => {
    expect(await platforms({ platform: "linux/x86_64,linux/aarch64" })).toEqual([
      "linux/amd64",
      "linux/arm64",
    ]);
  });

  test("of a nested base are those of the image on it", async () => {
    const { base } = await resolvePlan({ platform: "linux/arm64", baseImage: { registry: "ghcr.io/org" } });
    expect(base.kind === "image" && base.plan.platforms).toEqual(["linux/arm64"]);
  });
});

describe("copy", () => {
  test("places files below the work directory, or where it is told", async () => {
    const image = await inFolder(
      { copy: ["a.txt", "data", { from: "tool", to: "/usr/local/bin/" }, { from: "data/x", to: "y" }] },
      { "a.txt": "a", "data/x": "x", tool: { text: "#!/bin/sh\n", mode: 0o755 } },
    );
    expect(findStep(image.plan, "files")?.trees).toMatchObject([
      {
        target: "/root",
        files: [
          { type: "file", path: "a.txt", mode: 0o644 },
          { type: "directory", path: "data" },
          { type: "file", path: "data/x" },
          { type: "file", path: "y" },
        ],
      },
      { target: "/usr/local/bin", files: [{ type: "file", path: "tool", mode: 0o755 }] },
    ]);
    expect(await contextOf(image)).toEqual([
      "copy/",
      "copy/0/",
      "copy/0/root/",
      "copy/0/root/a.txt",
      "copy/0/root/data/",
      "copy/0/root/data/x",
      "copy/0/root/y",
      "copy/1/",
      "copy/1/bin/",
      "copy/1/bin/tool",
    ]);
  });

  test("keeps the later of two entries for one path, in whatever order they do not overlap", async () => {
    const files = { a: "1", b: "2" };
    const tag = async (copy: ImageSpec["copy"]) => (await inFolder({ copy }, files)).fingerprint;
    const kept = await tag([{ from: "b", to: "/x/f" }]);
    expect(
      await tag([
        { from: "a", to: "/x/f" },
        { from: "b", to: "/x/f" },
      ]),
    ).toBe(kept);
    expect(
      await tag([
        { from: "b", to: "/x/f" },
        { from: "a", to: "/x/f" },
      ]),
    ).not.toBe(kept);
    expect(await tag(["a", "b"])).toBe(await tag(["b", "a"]));
  });

  test.each(["../x", "/etc/passwd", "a/../../x", ".."])("%s leads out", async (from) => {
    await expect(inFolder({ copy: [from] })).rejects.toMatchObject({
      code: "SPEC_PATH_OUTSIDE",
      details: { field: "copy[0]" },
    });
  });

  test("a missing file is named", async () => {
    await expect(inFolder({ copy: ["nowhere"] })).rejects.toMatchObject({ code: "SPEC_FILE_NOT_FOUND" });
  });

  test("a folder through a symlink that leads out is refused", async () => {
    const place = mkdtempSync(path.join(root, "case-"));
    mkdirSync(path.join(place, "outside"));
    mkdirSync(path.join(place, "work"));
    writeFileSync(path.join(place, "outside", "secret"), "x");
    symlinkSync("../outside", path.join(place, "work", "link"));
    const copied = resolvePlan({ copy: ["link/secret"] }, { cwd: path.join(place, "work") });
    await expect(copied).rejects.toMatchObject({
      code: expect.stringMatching(/SPEC_(PATH_OUTSIDE|SYMLINK_ESCAPES)/),
    });
  });

  test("a folder and a file in one place are a conflict", async () => {
    const files = { "d/x": "1", f: "2" };
    const copied = inFolder(
      {
        copy: [
          { from: "d", to: "/x" },
          { from: "f", to: "/x" },
        ],
      },
      files,
    );
    await expect(copied).rejects.toMatchObject({ code: "SPEC_COPY_CONFLICT", details: { field: "copy[1]" } });
  });
});

describe("requirements", () => {
  test("are rewritten for the context, without credentials", async () => {
    const image = await inFolder(
      { requirements: "deps/requirements.txt", pipIndex: "https://u:pw1@index.example/simple" },
      {
        "deps/requirements.txt": "b\n--extra-index-url https://v:pw2@extra.example/\n-r more.txt\na\n./lib\n",
        "deps/more.txt": "c",
        "deps/lib/pyproject.toml": "[project]\n",
      },
    );
    const step = findStep(image.plan, "requirements");
    expect(step).toMatchObject({
      files: [
        { lines: ["--extra-index-url https://extra.example/", "-r 1.txt", "./local/0", "a", "b"] },
        { lines: ["c"] },
      ],
      index: { index: "https://index.example/simple" },
      secrets: [{ id: "imagespec-netrc", kind: "netrc" }],
    });
    expect(Buffer.from(image.secrets.get("imagespec-netrc")!).toString()).toContain("machine extra.example");
    expect(JSON.stringify([image.plan, canonicalPlan(image.plan), [...image.sources]])).not.toMatch(
      /pw1|pw2/,
    );
    expect(await contextOf(image)).toEqual([
      "requirements/",
      "requirements/0.txt",
      "requirements/1.txt",
      "requirements/local/",
      "requirements/local/0/",
      "requirements/local/0/pyproject.toml",
    ]);
  });

  test("beside a lock packages are refused", async () => {
    const files = { "uv.lock": "version = 1\n", "pyproject.toml": "[project]\nname='a'\n" };
    await expect(inFolder({ requirements: "uv.lock", packages: ["six"] }, files)).rejects.toMatchObject({
      code: "SPEC_PACKAGES_WITH_LOCK",
    });
  });

  test("what is no requirement has a tag, and an issue", async () => {
    const { issues, fingerprint: tag } = await inFolder({ packages: ["numpy; rm -rf /", "a b", "six>=1"] });
    expect(tag).toHaveLength(26);
    expect(issues.map(({ code, message }) => `${code} ${message}`)).toMatchInlineSnapshot(`
      [
        "SPEC_NOT_A_REQUIREMENT "a b" is not a requirement as PEP 508 has them",
        "SPEC_NOT_A_REQUIREMENT "numpy; rm -rf /" is not a requirement as PEP 508 has them",
      ]
    `);
  });
});

describe("locks", () => {
  const lock = [
    "version = 1",
    '[[package]]\nname = "app"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [{ name = "lib" }]',
    '[[package]]\nname = "lib"\nversion = "1"\nsource = { editable = "packages/lib" }',
    '[[package]]\nname = "tests"\nversion = "1"\nsource = { editable = "packages/tests" }',
  ].join("\n");
  const files = {
    "uv.lock": lock,
    "pyproject.toml": "[project]\nname = 'app'\n",
    "packages/lib/pyproject.toml": "[project]\nname = 'lib'\n",
    "packages/lib/src/lib.py": "x = 1\n",
    "packages/tests/pyproject.toml": "[project]\nname = 'tests'\n",
    "packages/tests/test_app.py": "",
    "app.py": "",
  };

  test("bring the members that the image needs, and of the others what the tool reads", async () => {
    const image = await inFolder({ requirements: "uv.lock" }, files);
    expect((await contextOf(image)).filter((one) => !one.endsWith("/"))).toEqual([
      "project/packages/lib/pyproject.toml",
      "project/packages/lib/src/lib.py",
      "project/packages/tests/pyproject.toml",
      "project/pyproject.toml",
      "project/uv.lock",
    ]);
  });

  test("with installProject bring the project too", async () => {
    const image = await inFolder({ requirements: "uv.lock", installProject: true }, files);
    expect(await contextOf(image)).toContain("project/app.py");
  });

  test("comments and line endings mean nothing in them", async () => {
    const { fingerprint: tag } = await inFolder({ requirements: "uv.lock" }, files);
    const noisy = { ...files, "uv.lock": `# note\n${lock.replaceAll("\n", "\r\n")}\n` };
    expect((await inFolder({ requirements: "uv.lock" }, noisy)).fingerprint).toBe(tag);
  });

  test("a path dependency beside the project keeps its place", async () => {
    const image = await inFolder(
      { requirements: "app/uv.lock" },
      {
        "app/uv.lock": lock.replace("packages/lib", "../lib").replace("packages/tests", "../lib"),
        "app/pyproject.toml": "[project]\nname = 'app'\n",
        "lib/pyproject.toml": "[project]\nname = 'lib'\n",
      },
    );
    expect(findStep(image.plan, "project")?.root).toBe("app");
    expect(await contextOf(image)).toContain("project/lib/pyproject.toml");
  });

  test("logins in their URLs are taken out of what is hashed, planned and sent", async () => {
    const project = (login: string) => ({
      ...files,
      "pyproject.toml": `[project]\nname = 'app'\n[[tool.uv.index]]\nurl = "https://${login}index.example/simple"\n`,
    });
    const image = await inFolder({ requirements: "uv.lock" }, project("u:s3cret@"));
    expect(image.fingerprint).toBe(
      (await inFolder({ requirements: "uv.lock" }, project("u:other@"))).fingerprint,
    );
    expect(Buffer.from(image.secrets.get("imagespec-netrc")!).toString()).toContain("password s3cret");
    const sent: string[] = [];
    for await (const entry of contextEntries(image)) {
      if (entry.type !== "file") continue;
      for await (const chunk of entry.open()) sent.push(Buffer.from(chunk).toString());
    }
    expect(sent.join()).toContain('url = "https://index.example/simple"');
    expect(JSON.stringify([sent, image.plan])).not.toContain("s3cret");
  });

  test("one that is no TOML has a tag, and an issue", async () => {
    const { issues } = await inFolder({ requirements: "uv.lock" }, { ...files, "uv.lock": "<<<<<<< HEAD\n" });
    expect(issues).toMatchObject([
      { code: "SPEC_LOCK_UNREADABLE", severity: "error", field: "requirements" },
    ]);
  });

  test("without its pyproject.toml it is an error", async () => {
    const only = { "poetry.lock": "package = []\n" };
    await expect(inFolder({ requirements: "poetry.lock" }, only)).rejects.toMatchObject({
      code: "SPEC_FILE_NOT_FOUND",
    });
  });
});

describe("sourceCopyMode auto", () => {
  const files = {
    "src/main.py": "import helpers.deep as d, json\nfrom pkg import tool, name\n",
    "src/helpers/__init__.py": "",
    "src/helpers/deep.py": "from . import (  # why\n  beside,\n)\nimportlib.import_module('late')\n",
    "src/helpers/beside.py": "'''import unused'''\n",
    "src/pkg/tool.py": "from ..main import x\n",
    "src/late.py": "",
    "src/unused.py": "",
    "src/data.csv": "",
  };

  test("takes what the entry imports, without running it", async () => {
    const image = await inFolder({ sourceRoot: "src", sourceCopyMode: "auto", sourceEntry: "main" }, files);
    expect((await contextOf(image)).filter((one) => one.endsWith(".py"))).toEqual([
      "source/root/helpers/__init__.py",
      "source/root/helpers/beside.py",
      "source/root/helpers/deep.py",
      "source/root/late.py",
      "source/root/main.py",
      "source/root/pkg/tool.py",
    ]);
  });

  test("needs an entry that is there", async () => {
    const spec: ImageSpec = { sourceRoot: "src", sourceCopyMode: "auto" };
    await expect(inFolder(spec, files)).rejects.toMatchObject({ code: "SPEC_SOURCE_ENTRY" });
    await expect(inFolder({ ...spec, sourceEntry: "nope" }, files)).rejects.toMatchObject({
      code: "SPEC_FILE_NOT_FOUND",
    });
  });
});

describe("identity", () => {
  test("specs that share a tag share it, whatever lies on the disk", async () => {
    const one = await inFolder({ requirements: "a.txt", env: { B: "1", A: "2" } }, { "a.txt": "six\n" });
    const two = await inFolder(
      { requirements: "d/b.txt", env: { A: "2", B: "1" } },
      { "d/b.txt": "six # x\n" },
    );
    expect(two.fingerprint).toBe(one.fingerprint);
    expect(two.plan.id).toBe(one.plan.id);
    expect(one.plan.id).toBe(
      specId({ requirements: "elsewhere.txt", env: { A: "2", B: "1" }, platform: hostPlatform }),
    );
  });

  test("isContainer is true outside of every image, and inside for the image's own spec", () => {
    const spec: ImageSpec = { packages: ["six"] };
    const before = process.env.IMAGESPEC_ID;
    try {
      delete process.env.IMAGESPEC_ID;
      expect(isContainer(spec)).toBe(true);
      process.env.IMAGESPEC_ID = specId(spec);
      expect(isContainer(spec)).toBe(true);
      expect(isContainer({ packages: ["seven"] })).toBe(false);
    } finally {
      if (before === undefined) delete process.env.IMAGESPEC_ID;
      else process.env.IMAGESPEC_ID = before;
    }
  });
});

describe("where things lay", () => {
  const files = {
    "deps/all.txt": "-r more.txt\n./wheels/a.whl\n",
    "deps/more.txt": "six\n",
    "deps/wheels/a.whl": "wheel",
    "src/main.py": "",
    "data/a.txt": "a",
    "data/b.txt": "b",
  };

  test("is told of every tree, and counts for nothing", async () => {
    const copy = ["data", { from: "data/a.txt", to: "/etc/" }];
    const spec: ImageSpec = { requirements: "deps/all.txt", sourceRoot: "src", copy };
    const { plan, fingerprint: tag } = await inFolder(spec, files);
    const requirements = findStep(plan, "requirements")!;
    expect(requirements.files.map(({ origin }) => origin)).toEqual(["deps/all.txt", "deps/more.txt"]);
    expect(requirements.local.map(({ origin }) => origin)).toEqual(["deps/wheels"]);
    const [source, copied] = plan.steps.filter(({ kind }) => kind === "files") as FilesStep[];
    expect(source?.trees.map(({ origin }) => origin)).toEqual(["src"]);
    expect(copied?.copies).toEqual([
      { from: "data", target: "/root/data", isDirectory: true },
      { from: "data/a.txt", target: "/etc/a.txt", isDirectory: false },
    ]);
    const moved = Object.fromEntries(Object.entries(files).map(([name, text]) => [`x/${name}`, text]));
    const elsewhere = { ...spec, requirements: "x/deps/all.txt", sourceRoot: "x/src", copy: [] };
    const alone = { ...spec, copy: [] };
    expect((await inFolder(elsewhere, moved)).fingerprint).toBe((await inFolder(alone, files)).fingerprint);
    expect(tag).toMatch(/^[a-z2-7]{26}$/);
  });

  test("is left out for what lies elsewhere", async () => {
    const place = mkdtempSync(path.join(root, "case-"));
    mkdirSync(path.join(place, "work"));
    mkdirSync(path.join(place, "src"));
    writeFileSync(path.join(place, "src/a.py"), "");
    const { plan } = await resolveImage({ sourceRoot: "../src" }, { cwd: path.join(place, "work") });
    expect(findStep(plan, "files")?.trees[0]).not.toHaveProperty("origin");
  });
});
