import { type ImageSpec, ImageSpecError, resolvePlan } from "@imagespec/core";
import type { ImageConfig } from "@imagespec/core/builder";
import { describe, expect, test } from "vitest";
import { checkEnvdConfig, emitEnvdConfig } from "./emit-envd-config.ts";

async function planOf(spec: ImageSpec) {
  return resolvePlan({
    baseImage: "debian:12",
    platform: "linux/amd64",
    registry: "localhost:5000",
    ...spec,
  });
}

async function textOf(spec: ImageSpec, base?: Partial<ImageConfig>): Promise<string> {
  const plan = await planOf(spec);
  return emitEnvdConfig(plan, basesOf(plan.base.reference, base)).text.replace(/"[a-z2-7]{26}"/, '"ID"');
}

function basesOf(
  reference: string,
  base: Partial<ImageConfig> | undefined,
): ReadonlyMap<string, ImageConfig> {
  return new Map(base ? [[reference, { env: {}, labels: {}, ...base }]] : []);
}

async function codesOf(spec: ImageSpec, base?: Partial<ImageConfig>): Promise<readonly string[]> {
  const plan = await planOf(spec);
  return checkEnvdConfig({ plan, bases: basesOf(plan.base.reference, base) }).map(({ code }) => code);
}

test("every call in envd's own order, each value quoted for its place", async () => {
  const spec: ImageSpec = {
    aptPackages: ["git"],
    packages: ['six; python_version > "3"'],
    pipIndex: "https://index.example/simple",
    env: { QUOTES: `it's "so"\n` },
    extraPath: ["/opt/tool/bin"],
    commands: ["echo 'a b'", "cd /tmp"],
    entrypoint: ["python", "-m", "app"],
  };
  expect(await textOf(spec)).toMatchInlineSnapshot(`
    "# syntax=v1

    def build():
        base(image="docker.io/library/debian:12", dev=False)
        config.owner(uid=0, gid=0)
        runtime.environ(env={"IMAGESPEC_ID": "ID", "PYTHONPATH": "/root", "QUOTES": "it's \\"so\\"\\n"}, extra_path=["/opt/tool/bin"])
        install.apt_packages(name=["git"])
        install.python_packages(name=["--index-url", "https://index.example/simple", "'six; python_version > \\"3\\"'"])
        run(commands=["set +u +o pipefail", "mkdir -p /root", "cd /root", "export PATH=/opt/tool/bin:\\"$PATH\\"", "exec /bin/sh -e -c -- '\\\\''echo '\\\\''\\\\'\\\\'''\\\\''a b'\\\\''\\\\'\\\\'''\\\\''\\ncd /tmp'\\\\''"])
        config.entrypoint(args=["python", "-m", "app"])
    "
  `);
});

test("Python, conda and CUDA are envd's own", async () => {
  const conda = { condaPackages: ["numpy>=1.2"], condaChannels: ["conda-forge"], pythonVersion: "3.11" };
  expect(
    await textOf({ baseImage: "ubuntu:22.04", cuda: "12.2.2", cudnn: "8", ...conda }),
  ).toMatchInlineSnapshot(`
    "# syntax=v1

    def build():
        base(image="ubuntu:22.04", dev=False)
        install.cuda(version="12.2.2", cudnn="8")
        config.owner(uid=0, gid=0)
        install.conda(use_mamba=True)
        install.python(version="3.11")
        runtime.environ(env={"IMAGESPEC_ID": "ID", "PYTHONPATH": "/root"})
        install.conda_packages(name=["'numpy>=1.2'"], channel=["conda-forge"])
    "
  `);
});

test("no Python is brought to a base that has it", async () => {
  const spec: ImageSpec = { baseImage: "docker.io/library/python:3.12-slim", pythonVersion: "3.12" };
  expect(await textOf(spec)).not.toContain("install.python(");
  expect(await textOf({ pythonVersion: "3.12" }, { env: { PYTHON_VERSION: "3.12.7" } })).not.toContain(
    "install.python(",
  );
  expect(await codesOf({ ...spec, pythonVersion: "3.1" })).toEqual(["ENVD_PYTHON_VERSION"]);
  expect(await codesOf({ pythonVersion: "3.12" }, { env: { VIRTUAL_ENV: "/opt/venv" } })).toEqual([
    "ENVD_PYTHON_VERSION",
  ]);
});

describe("refusals", () => {
  const cases: readonly (readonly [string, ImageSpec, readonly string[]])[] = [
    [
      "names that apt would not take for one package",
      { aptPackages: ["a; id", "b-", "git"] },
      ["ENVD_APT_NAME", "ENVD_APT_NAME"],
    ],
    ["a variable that envd sets", { env: { LANG: "de_DE.UTF-8" } }, ["ENVD_VARIABLE"]],
    ["PATH", { env: { PATH: "/x" } }, ["ENVD_VARIABLE"]],
    ["our own variables", { env: { IMAGESPEC_X: "1" } }, ["ENVD_VARIABLE"]],
    ["several folders in one", { extraPath: ["/a:/b"] }, ["ENVD_EXTRA_PATH", "ENVD_PATH_ORDER"]],
    ["commands too long for one shell", { commands: ["#".repeat(140_000)] }, ["ENVD_TOO_LONG"]],
    ["an option in the place of a package of conda", { condaPackages: ["-y"] }, ["ENVD_CONDA_ARGUMENT"]],
    ["CUDA on Debian", { cuda: "12.2.2" }, ["ENVD_CUDA_BASE"]],
    [
      "a nested base without a registry",
      { baseImage: { commands: ["true"] } },
      ["ENVD_BASE_NOT_IN_REGISTRY"],
    ],
  ];
  test.each(cases)("%s", async (_name, spec, codes) => {
    expect(await codesOf(spec)).toEqual(codes);
    const error = await textOf(spec).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(ImageSpecError.isInstance(error) && error.code).toBe(codes[0]);
  });

  test("what the base has and envd cannot take away", async () => {
    expect(await codesOf({ env: { A: "1" } }, { env: { A: "2" } })).toEqual(["ENVD_VARIABLE_OF_BASE"]);
    expect(await codesOf({ env: { A: "1" } }, { env: { A: "1" } })).toEqual([]);
    expect(await codesOf({ entrypoint: [] }, { entrypoint: ["/x"] })).toEqual(["ENVD_ENTRYPOINT_OF_BASE"]);
    expect(await codesOf({ entrypoint: [] })).toEqual([]);
  });
});

describe("warnings", () => {
  test("tell what differs from the docker builder's image", async () => {
    const base = { env: { IMAGESPEC_ID: "of-base", PATH: "/opt/venv/bin:/usr/bin:/bin" }, cmd: ["bash"] };
    expect(await codesOf({ workDirectory: "/app", commands: ["true"] }, base)).toEqual([
      "ENVD_VARIABLE_OF_BASE",
      "ENVD_PATH_ORDER",
      "ENVD_CMD_OF_BASE",
      "ENVD_WORKDIR_OF_BASE",
    ]);
    expect(await textOf({ commands: ["true"] }, base)).toContain('"export IMAGESPEC_ID=');
  });
});

describe("requirements", () => {
  const index = { extraIndexes: [], extraArguments: [] };
  const files = [
    {
      context: "requirements/0.txt",
      lines: ["--find-links ./local/0", "-r 1.txt", "./local/1/a.whl", "six"],
    },
    { context: "requirements/1.txt", lines: ["idna"] },
  ];

  async function filesOf(packages: readonly string[], more: Partial<typeof index> = {}) {
    const plan = await planOf({});
    const step = {
      kind: "requirements",
      files,
      packages,
      local: [],
      index: { ...index, ...more },
      secrets: [],
    };
    return emitEnvdConfig({ ...plan, steps: [step] });
  }

  test("stand in files of our own, named by a sole line that envd leaves to pip", async () => {
    const { text, files: emitted } = await filesOf(['toolz; python_version > "3"']);
    expect(text).toContain('install.python_packages(requirements="requirements.txt")');
    expect(Object.fromEntries(emitted.map(({ path, content }) => [path, content]))).toMatchInlineSnapshot(`
      {
        "envd/0.txt": "--find-links ../requirements/local/0
      -r 1.txt
      ./requirements/local/1/a.whl
      six
      ",
        "envd/1.txt": "idna
      ",
        "envd/all.txt": "-r 0.txt
      toolz; python_version > "3"
      ",
        "requirements.txt": "-r envd/all.txt
      ",
      }
    `);
  });

  test("refuse what a file would read otherwise", async () => {
    await expect(filesOf(["a # b"])).rejects.toMatchObject({ code: "ENVD_PIP_ARGUMENT" });
    await expect(filesOf(["a @ https://h/${TOKEN}"])).rejects.toMatchObject({ code: "ENVD_PIP_ARGUMENT" });
    await expect(filesOf([], { extraArguments: ["--no-deps"] as never })).rejects.toMatchObject({
      code: "ENVD_PIP_ARGUMENT",
    });
    const { files: emitted } = await filesOf([], { extraArguments: ["--only-binary", ":all:"] as never });
    expect(emitted.find(({ path }) => path === "envd/all.txt")?.content).toBe(
      "--only-binary :all:\n-r 0.txt\n",
    );
  });
});
