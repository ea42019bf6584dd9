import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type {} from "@imagespec/test-services";
import { expect, inject, onTestFinished, test } from "vitest";
import { installPackages, packPackages } from "../../scripts/packed-packages.mjs";

const { dockerHost, baseImages } = inject("services");
const names = ["@imagespec/core", "@imagespec/docker"];

test("the program builds an image where nothing but core and docker is installed", async () => {
  const scratch = await mkdtemp(join(tmpdir(), "imagespec-example-"));
  onTestFinished(() => rm(scratch, { recursive: true }));
  const project = join(scratch, "project");
  await installPackages(project, { names, tarballs: await packPackages(scratch, { names }) });
  await copyFile(join(import.meta.dirname, "build.ts"), join(project, "build.mjs"));
  const env = { ...process.env, DOCKER_HOST: dockerHost, BASE_IMAGE: baseImages["python-nopip"] };
  const { stdout } = await promisify(execFile)(process.execPath, ["build.mjs"], { cwd: project, env });
  expect(stdout).toMatch(/^built hello:[a-z2-7]{26}\n$/);
});
