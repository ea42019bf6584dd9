import { execFileSync } from "node:child_process";
import type { KnownStep, PlannedTree } from "@imagespec/core";
import { describe, expect, test } from "vitest";
import {
  emit,
  environmentStep,
  everything,
  linesOf,
  projectStep,
  requirementsStep,
} from "../../test/support/plan-input.ts";
import type { EmittedDockerfile } from "./emit-dockerfile.ts";

describe("emitted text", () => {
  const cases: Readonly<Record<string, () => EmittedDockerfile>> = {
    "nothing-but-a-base": () => emit([]),
    everything: () => emit(everything, { options: { caCertificates: "/etc/company.pem" } }),
    "company-network": () =>
      emit(
        [everything[0]!, requirementsStep(["rich"]), ...everything.filter(({ kind }) => kind === "commands")],
        {
          options: {
            caCertificates: "/etc/company.pem",
            keepCaCertificates: true,
            aptMirrors: { "http://deb.example.org": "https://mirror.example.com" },
            pipMirror: "https://mirror.example.com/simple",
          },
        },
      ),
    "non-root-base": () =>
      emit(everything.slice(4, 7), { config: { user: "app:staff" }, workDirectory: "/home/app/work" }),
    "uv-lock": () => emit([projectStep("uv")]),
    "poetry-lock": () => emit([projectStep("poetry", true)]),
    pyproject: () => emit([{ kind: "python", executable: "/opt/py/bin/python" }, projectStep("pyproject")]),
    conda: () =>
      emit([{ kind: "conda", packages: ["gdal"], channels: ["company"] }, requirementsStep(["rich"])]),
    "images-of-tools": () =>
      emit(
        [
          { kind: "conda", packages: ["python=3.10"], channels: ["https://conda.example/main"] },
          requirementsStep(["rich"]),
        ],
        {
          options: { uvImage: "registry.example/uv:0.13", micromambaImage: "registry.example/micromamba:2" },
          platforms: ["linux/amd64", "linux/arm64"],
        },
      ),
  };
  test.each(Object.keys(cases))("%s", async (name) => {
    expect(linesOf(cases[name]!(), /^FROM/).at(-1)).toMatch(/ AS (image|project)$/);
    await expect(cases[name]!().text).toMatchFileSnapshot(`__snapshots__/${name}.Dockerfile`);
  });
});

test("the command beside the Dockerfile has its platform, arguments and secrets", () => {
  const script = emit(everything).files.find(({ path }) => path === "build.sh");
  expect(script?.mode).toBe(0o755);
  expect(script?.content).toMatchInlineSnapshot(`
    "#!/bin/sh
    # Builds the image of this folder. Arguments go to docker build: ./build.sh --tag NAME
    set -eu
    export DOCKER_BUILDKIT=1
    : "\${SECRET_1:?path of a file with the secret imagespec-netrc (netrc)}"
    : "\${SECRET_2:?path of a file with the secret token (variable INDEX_TOKEN)}"
    exec docker build \\
      --platform linux/amd64 \\
      --build-arg 'IMAGESPEC_ARG_1=one
    two' \\
      --secret '"id=imagespec-netrc","src='"$SECRET_1"'"' \\
      --secret '"id=token","src='"$SECRET_2"'"' \\
      "$@" "$(dirname "$0")"
    "
  `);
});

test("every script of ours is one that a POSIX shell reads", () => {
  const steps = [
    everything,
    [projectStep("uv")],
    [projectStep("poetry")],
    [projectStep("pyproject")],
    [{ kind: "conda", packages: ["a"], channels: [] } as const],
  ];
  const emitted = steps.flatMap((one) => emit(one, { config: { user: "app" } }).files);
  const scripts = new Map(
    emitted.filter(({ path }) => path.endsWith(".sh")).map(({ path, content }) => [path, content]),
  );
  expect([...scripts.keys()].sort()).toMatchInlineSnapshot(`
    [
      ".imagespec/apt.sh",
      ".imagespec/conda.sh",
      ".imagespec/poetry-project.sh",
      ".imagespec/poetry.sh",
      ".imagespec/pyproject.sh",
      ".imagespec/python.sh",
      ".imagespec/requirements.sh",
      ".imagespec/secrets.sh",
      ".imagespec/uv-project.sh",
      ".imagespec/uv.sh",
      ".imagespec/work-directory.sh",
      "build.sh",
    ]
  `);
  for (const script of scripts.values()) execFileSync("/bin/sh", ["-n"], { input: script });
});

test("a folder of an emitted context ignores nothing", () => {
  expect(emit([]).files).toContainEqual({ path: "Dockerfile.dockerignore", content: "" });
});

test("an unchanged part of a plan is emitted the same, so that its layers are found again", () => {
  const [before, after] = [
    emit(everything),
    emit([...everything.slice(0, 6), { kind: "commands", commands: ["true"] }]),
  ];
  const shared = before.text.slice(0, before.text.indexOf("COPY"));
  expect(after.text.startsWith(shared)).toBe(true);
  expect(shared).toContain("requirements.sh");
});

describe("PATH", () => {
  const path = (steps: readonly KnownStep[]) => linesOf(emit(steps), /^ENV PATH/);

  test("is the base's where nothing is said of it", () => {
    expect(path([environmentStep({ A: "b" })])).toEqual([]);
  });
  test("has extra folders in front, and a base without one keeps its default", () => {
    expect(path([environmentStep({}, ["/a", "/b"])])).toMatchInlineSnapshot(`
      [
        "ENV PATH="/a:/b:""\${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"",
      ]
    `);
  });
  test("of the spec replaces the base's, behind our own folders", () => {
    const steps: KnownStep[] = [
      { kind: "python", version: "3.12" },
      environmentStep({ PATH: "/only:$HOME" }, ["/a"]),
    ];
    expect(path(steps)).toMatchInlineSnapshot(`
      [
        "ENV PATH="/a:/opt/venv/bin:""/only:\\$HOME"",
      ]
    `);
  });
});

describe("the base's user", () => {
  const users = (user: string | undefined) => linesOf(emit([], { config: { user } }), /^USER/);

  test.each([undefined, "", "root", "0", "0:0", "root:root"])("%s is root: no step changes it", (user) => {
    expect(users(user)).toEqual([]);
  });
  test("another is put back when all is done", () => {
    expect(users("1000:1000")).toEqual(["USER 0", "USER 1000:1000"]);
  });
  test("comes from the option where the base was not inspected", () => {
    expect(linesOf(emit([], { options: { baseUser: "app" } }), /^USER/)).toEqual(["USER 0", "USER app"]);
    expect(linesOf(emit([], { options: { baseUser: "app" }, config: {} }), /^USER/)).toEqual([]);
  });
});

describe("copies", () => {
  const copy = (files: PlannedTree["files"], target = "/srv/x"): KnownStep => ({
    kind: "files",
    origin: "copy",
    trees: [{ target, context: "copy/0", files }],
  });

  test("a tree that is one file has no slash", () => {
    const file = { type: "file", path: "", mode: 0o644, size: 1, sha256: "0" } as const;
    expect(linesOf(emit([copy([file])]), /^COPY/)).toEqual(['COPY ["copy/0", "/srv/x"]']);
  });
  test("a tree that is one symlink is made as one, for COPY would follow it", () => {
    const emitted = emit([copy([{ type: "symlink", path: "", target: "../y" }])], {
      config: { user: "app" },
    });
    expect(linesOf(emitted, /link\.sh/)).toMatchInlineSnapshot(`
      [
        "RUN --mount=type=bind,source=.imagespec/link.sh,target=/dev/.imagespec/link.sh ["/bin/sh", "-e", "/dev/.imagespec/link.sh", "../y", "/srv/x", "app"]",
      ]
    `);
  });
  test("names that COPY would expand are literal", () => {
    expect(linesOf(emit([copy([], "/srv/$HOME/\"a\\b'")]), /^COPY/)).toMatchInlineSnapshot(`
      [
        "COPY ["copy/0/", "/srv/\\\\$HOME/\\\\\\"a\\\\\\\\b\\\\'/"]",
      ]
    `);
  });
});

describe("labels", () => {
  const label = (name: string, emitted: EmittedDockerfile) =>
    linesOf(emitted, new RegExp(`^LABEL "${name}"`)).join();

  test("a plan above 32 KiB tells of its trees by their digest", () => {
    const files = Array.from(
      { length: 400 },
      (_, index) =>
        ({ type: "file", path: `${index}.py`, mode: 0o644, size: 1, sha256: "0".repeat(64) }) as const,
    );
    const emitted = emit([
      { kind: "files", origin: "source", trees: [{ target: "/root", context: "source", files }] },
    ]);
    expect(label("dev.imagespec.plan", emitted)).toMatchInlineSnapshot(
      `"LABEL "dev.imagespec.plan"="{\\"base\\":{\\"kind\\":\\"reference\\",\\"reference\\":\\"docker.io/library/python:3.12-slim-bookworm\\"},\\"builderOptions\\":{},\\"platforms\\":[\\"linux/amd64\\"],\\"recipe\\":1,\\"steps\\":[{\\"kind\\":\\"files\\",\\"origin\\":\\"source\\",\\"trees\\":[{\\"digest\\":\\"cfoxlw7gq5khfykxt4uajbyony\\",\\"target\\":\\"/root\\"}]}],\\"workDirectory\\":\\"/root\\"}""`,
    );
  });
  test("no secret's id or path is in the plan's label", () => {
    expect(label("dev.imagespec.plan", emit(everything))).not.toMatch(/netrc|INDEX_TOKEN/);
  });
});
