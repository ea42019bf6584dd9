import type { KnownStep } from "@imagespec/core";
import { expect, test } from "vitest";
import { linesOf, planInput, projectStep, requirementsStep } from "../../test/support/plan-input.ts";
import type { DockerOptions } from "../options.ts";
import { emitDockerfile } from "./emit-dockerfile.ts";
import { dockerHelpers } from "./helpers.ts";

const conda: KnownStep = { kind: "conda", packages: ["gdal"], channels: [] };
const micromamba = { name: "docker.io/mambaorg/micromamba:2.3.3", field: "condaPackages" };
const uv = "0.13.8";

test.each<[string, readonly KnownStep[], DockerOptions, object, readonly object[]]>([
  ["nothing", [], {}, {}, []],
  ["requirements", [requirementsStep(["rich"])], {}, { uv }, []],
  ["a lock of poetry's", [projectStep("poetry")], {}, { uv, poetry: "2.2.1" }, []],
  ["conda", [conda], {}, { micromamba: "2.3.3" }, [micromamba]],
  ["channels alone", [{ ...conda, packages: [] }], {}, {}, []],
  [
    "images of the spec's own, which have versions of their own",
    [conda, requirementsStep(["rich"])],
    { uvImage: "uv:1", micromambaImage: "mamba:1" },
    {},
    [
      { name: "uv:1", field: "builderOptions.docker.uvImage" },
      { name: "mamba:1", field: "builderOptions.docker.micromambaImage" },
    ],
  ],
  ["an image that nothing is taken from", [], { uvImage: "uv:1" }, {}, []],
])("%s", (_, steps, options, tools, images) => {
  expect(dockerHelpers(planInput(steps, { options }))).toEqual({ tools, images });
});

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

test("every image that is locked is taken by its digest alone", () => {
  const { plan, ...input } = planInput([conda, requirementsStep(["rich"])], { options: { uvImage: "uv:1" } });
  const base = { ...plan.base, kind: "reference", digest: digest("a") } as const;
  const pins = new Map([
    ["docker.io/library/uv:1", digest("b")],
    [micromamba.name, digest("c")],
  ]);
  const emitted = emitDockerfile({ ...input, plan: { ...plan, base }, pins });
  expect(linesOf(emitted, /^FROM --platform/)).toEqual([
    `FROM --platform=linux/amd64 docker.io/library/python@${digest("a")} AS base`,
    `FROM --platform=linux/amd64 docker.io/library/uv@${digest("b")} AS uv-image`,
    `FROM --platform=linux/amd64 docker.io/mambaorg/micromamba@${digest("c")} AS micromamba`,
  ]);
});

test("pins of other images change nothing", () => {
  const input = planInput([conda]);
  const pins = new Map([["docker.io/mambaorg/micromamba:2", digest("c")]]);
  expect(emitDockerfile({ ...input, pins }).text).toBe(emitDockerfile(input).text);
});
