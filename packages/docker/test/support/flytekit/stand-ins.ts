import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BaseImageName, ensureDockerfileFrontend, ensurePythonPrograms } from "@imagespec/test-services";
import { execa } from "execa";
import { makeWheel } from "../make-wheel.ts";
import { FLYTEKIT_VERSION } from "./difference.ts";

/** The one that flytekit's Dockerfile names. */
const UV_VERSION = "0.5.1";

/** uv, as flytekit has it. */
export async function ensureFlytekitUv(): Promise<string> {
  return join(await ensurePythonPrograms([`uv==${UV_VERSION}`]), "bin", "uv");
}

/**
 * In place of micromamba, whose channels no machine of ours reaches: an environment of the base's Python where conda's
 * would be.
 */
const micromamba = `#!/bin/sh
set -e
[ "$1" = create ] || exit 0
exec python3 -m venv --copies --without-pip /opt/micromamba/envs/runtime
`;

/**
 * flytekit without its dependencies, of 170 MB, which would be installed into each image; and the poetry that locked
 * the project, in place of the newest.
 */
const overrides = `flytekit @ file:///srv/wheels/flytekit-${FLYTEKIT_VERSION}-py3-none-any.whl\npoetry==2.2.1\n`;

const dockerfile = `ARG BASE=scratch
FROM scratch AS frontend
COPY dockerfile-frontend /bin/
ENTRYPOINT ["/bin/dockerfile-frontend"]
FROM scratch AS uv
COPY uv /
FROM scratch AS micromamba
COPY micromamba /usr/bin/
COPY ca-certificates.crt /etc/ssl/certs/
FROM $BASE AS base
COPY flytekit-*.whl overrides.txt /srv/wheels/
ENV UV_OVERRIDE=/srv/wheels/overrides.txt
`;

async function writeContext(folder: string): Promise<void> {
  await mkdir(folder);
  const wheel = makeWheel({ name: "flytekit", version: FLYTEKIT_VERSION, tag: "py3-none-any", module: "" });
  await Promise.all([
    copyFile(await ensureFlytekitUv(), join(folder, "uv")),
    copyFile(await ensureDockerfileFrontend(), join(folder, "dockerfile-frontend")),
    writeFile(join(folder, "micromamba"), micromamba, { mode: 0o755 }),
    writeFile(join(folder, "ca-certificates.crt"), "of micromamba's image\n"),
    writeFile(join(folder, wheel.file), wheel.bytes),
    writeFile(join(folder, "overrides.txt"), overrides),
    writeFile(join(folder, "Dockerfile"), dockerfile),
  ]);
}

const bases = ["python-system", "python-venv", "python-nonroot"] as const;

export type StandIns = Readonly<{
  /** A base that makes flytekit's overrides hold. */
  base(name: (typeof bases)[number]): string;
  /** Names that the world has for other images. */
  names: readonly string[];
}>;

/**
 * Images under the names that flytekit's Dockerfile takes its tools from, and what stands for the base that either
 * builder takes where a spec has none.
 */
export async function buildStandIns(
  folder: string,
  environment: Readonly<Record<string, string>>,
  baseImages: Readonly<Record<BaseImageName, string>>,
): Promise<StandIns> {
  await writeContext(folder);
  const build = async (target: string, base: string, ...names: readonly string[]) => {
    const tags = names.map((name) => `--tag=${name}`);
    await execa("docker", ["build", `--target=${target}`, `--build-arg=BASE=${base}`, ...tags, folder], {
      env: environment,
    });
    return names;
  };
  const base = (name: BaseImageName): string => `imagespec-test/flytekit-${name}:1`;
  for (const name of bases) await build("base", baseImages[name], base(name));
  const defaults = ["debian:bookworm-slim", "python:3.11-slim-bookworm"];
  return {
    base,
    names: [
      ...(await build("base", baseImages["python-system"], ...defaults)),
      ...(await build("frontend", "scratch", "docker/dockerfile:1.5")),
      ...(await build("uv", "scratch", `ghcr.io/astral-sh/uv:${UV_VERSION}`)),
      ...(await build("micromamba", "scratch", "mambaorg/micromamba:2.0.3-debian12-slim")),
    ],
  };
}
