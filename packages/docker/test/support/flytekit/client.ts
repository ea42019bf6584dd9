import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageSpec } from "@imagespec/core";
import { cacheDirectory, findProgram, renameUnlessThere } from "@imagespec/test-services";
import { execa } from "execa";
import { FLYTEKIT_VERSION } from "./difference.ts";
import { ensureFlytekitUv } from "./stand-ins.ts";

/** A folder for PYTHONPATH that holds flytekit, kept in the cache. */
async function ensureFlytekit(): Promise<string> {
  const directory = join(cacheDirectory, "python", `flytekit-${FLYTEKIT_VERSION}`);
  if (existsSync(directory)) return directory;
  const uv = await ensureFlytekitUv();
  await mkdir(join(cacheDirectory, "python"), { recursive: true });
  const unfinished = await mkdtemp(`${directory}.`);
  const into = ["--python", findProgram("python3") ?? "python3", "--target", unfinished];
  await execa(uv, ["pip", "install", "--quiet", "--no-cache", ...into, `flytekit==${FLYTEKIT_VERSION}`]);
  await renameUnlessThere(unfinished, directory);
  return directory;
}

export type FlytekitBuild = Readonly<{ name: string; folder: string; spec: ImageSpec }>;

/** Builds specs with flytekit's default builder, each in its folder. Returns the images by the specs' names. */
export async function buildWithFlytekit(
  folder: string,
  builds: readonly FlytekitBuild[],
  environment: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const [given, answers] = [join(folder, "builds.json"), join(folder, "images.json")];
  await writeFile(given, JSON.stringify(builds));
  const script = new URL("build_images.py", import.meta.url).pathname;
  // It leaves temporary files.
  const env = { ...environment, PYTHONPATH: await ensureFlytekit(), TMPDIR: folder };
  await execa(findProgram("python3") ?? "python3", [script, given, answers], { env });
  return JSON.parse(await readFile(answers, "utf8")) as Record<string, string>;
}
