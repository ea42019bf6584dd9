// What the benchmarks of docker share: an engine with a base, our builds on it, and builds by hand.
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuilderRegistry, createEngine } from "../packages/core/dist/index.js";
import { docker } from "../packages/docker/dist/index.js";
import { followAnswer, openWorkbench } from "../packages/test-services/dist/index.js";

/**
 * What `job` gives with an engine that has the base, and an empty folder.
 * @template T
 * @param {(place: { client: import("dockerode"), version: string, base: string, folder: string }) => Promise<T>} job
 * @param {import("../packages/test-services/dist/index.js").WorkbenchOptions} [options]
 */
export async function withEngine(job, options) {
  const workbench = await openWorkbench(options);
  const folder = await mkdtemp(join(tmpdir(), "imagespec-bench-"));
  const { env } = process;
  const { dockerHost = env.DOCKER_HOST ?? "unix:///var/run/docker.sock", version, client } = workbench.engine;
  const base = workbench.substitute?.baseImage ?? "docker.io/library/python:3.12-slim-bookworm";
  try {
    await followAnswer(await client.pull(base));
    env.DOCKER_HOST = dockerHost;
    return await job({ client, version, base, folder });
  } finally {
    await workbench.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Builds specs into the engine's store and returns their references. */
export async function buildSpecs(cwd, specs, options) {
  const builders = new BuilderRegistry().register(docker());
  const outcomes = await createEngine({ builders, cwd }).build(specs, { push: false, ...options });
  const failed = outcomes.find(({ error }) => error !== undefined);
  if (failed) throw failed.error;
  return outcomes.map(({ reference }) => reference);
}

/** `docker build` of what `src` names in a folder; the image's name. */
export async function buildByHand(client, { folder, src, ...options }) {
  const t = `imagespec-bench:${randomUUID()}`;
  const answer = await client.buildImage({ context: folder, src }, { t, version: "2", ...options });
  await followAnswer(answer);
  return t;
}
