import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { execa } from "execa";
import { startDockerRegistry } from "./docker-registry.ts";
import { type Dockerd, startDockerd } from "./dockerd.ts";
import { followAnswer } from "./engine.ts";
import { pushImage } from "./push-image.ts";
import { renameUnlessThere } from "./rename-unless-there.ts";
import { ensureSystemPackages } from "./system-packages.ts";
import { withLock } from "./with-lock.ts";
import { cacheDirectory, packageDirectory } from "./workspace-directory.ts";

/** Debian bookworm with: */
export const baseImageNames = [
  /** python3 and no pip */
  "python-nopip",
  /** the system's python3, pip and venv */
  "python-system",
  /** the same, run as user `app` (1000) */
  "python-nonroot",
  /** a virtual environment in /opt/venv, first in PATH, with the console script `base-tool MODULE…` */
  "python-venv",
] as const;

export type BaseImageName = (typeof baseImageNames)[number];

/** The reference of a base image in a registry whose `contents` are those of `ensureBaseImages`. */
export function baseImageReference(registryHost: string, name: BaseImageName): string {
  return `${registryHost}/base/${name}:1`;
}

const imageFiles = join(packageDirectory, "images");
const sources = ["Dockerfile", "base-tool/pyproject.toml", "base-tool/base_tool.py"];
const cachePrefix = "base-images-";
const caInImage = "/etc/ssl/imagespec-test-ca.pem";

/**
 * The storage folder of a registry that holds the base images, for `startDockerRegistry({ contents })`. Made from
 * Debian's packages when it is not in the cache; renewed weekly, so that the images' packages stay those that apt
 * installs beside them. The certificate authorities that this process trusts are trusted in the images too.
 */
export async function ensureBaseImages(): Promise<string> {
  const ca = process.env.SSL_CERT_FILE ?? process.env.NODE_EXTRA_CA_CERTS;
  const week = Math.floor(Date.now() / (7 * 24 * 3600 * 1000));
  const contents = join(cacheDirectory, `${cachePrefix}${week}-${await recipeDigest(ca)}`);
  if (existsSync(contents)) return contents;
  await mkdir(cacheDirectory, { recursive: true });
  await withLock(join(cacheDirectory, `${cachePrefix.slice(0, -1)}.lock`), async () => {
    if (existsSync(contents)) return;
    await createBaseImages(contents, ca);
    await removeOlderThan(week);
  });
  return contents;
}

async function recipeDigest(ca: string | undefined): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) hash.update(await readFile(join(imageFiles, source)));
  if (ca !== undefined) hash.update(await readFile(ca));
  return hash.digest("hex").slice(0, 16);
}

async function removeOlderThan(week: number): Promise<void> {
  const kept = (await readdir(cacheDirectory)).filter((name) => name.startsWith(cachePrefix));
  const old = kept.filter((name) => Number(name.slice(cachePrefix.length).split("-")[0]) < week);
  await Promise.all(old.map((name) => rm(join(cacheDirectory, name), { recursive: true, force: true })));
}

async function createBaseImages(contents: string, ca: string | undefined): Promise<void> {
  await ensureSystemPackages(["mmdebstrap"]);
  const engine = await startDockerd();
  try {
    await importDebian(engine, ca);
    await publishBaseImages(engine, contents);
  } finally {
    await engine.stop();
  }
}

async function importDebian(engine: Dockerd, ca: string | undefined): Promise<void> {
  const archive = join(engine.directory, "debian.tar");
  const trust = ca === undefined ? [] : [`--customize-hook=upload ${ca} ${caInImage}`];
  const include = "--include=ca-certificates,python3";
  await execa("mmdebstrap", ["--quiet", "--variant=minbase", include, ...trust, "bookworm", archive], {
    stdout: process.stderr,
    stderr: "inherit",
  });
  const options = { repo: "imagespec-test/debian", ...imageChanges(ca) };
  const answer = await engine.client.importImage(createReadStream(archive), options);
  await followAnswer(answer);
}

/** One ENV instruction, in Docker's form for changes of an imported image. */
function imageChanges(ca: string | undefined): object {
  if (ca === undefined) return {};
  const names = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"];
  return {
    changes: `ENV ${[...names, "NODE_EXTRA_CA_CERTS"].map((name) => `${name}=${caInImage}`).join(" ")}`,
  };
}

async function publishBaseImages(engine: Dockerd, contents: string): Promise<void> {
  const registry = await startDockerRegistry();
  try {
    for (const name of baseImageNames) {
      const reference = baseImageReference(registry.host, name);
      await buildBaseImage(engine.client, name, reference);
      await pushImage(engine.client, reference);
    }
    const unfinished = `${contents}.${process.pid}`;
    await cp(join(registry.directory, "storage"), unfinished, { recursive: true });
    await renameUnlessThere(unfinished, contents);
  } finally {
    await registry.stop();
  }
}

async function buildBaseImage(client: Docker, target: BaseImageName, reference: string): Promise<void> {
  const context = { context: imageFiles, src: [...sources] };
  await followAnswer(await client.buildImage(context, { target, t: reference, forcerm: true }));
}
