// How fast a context gets into an engine, and what an emitted Dockerfile costs against one that a person wrote. Needs
// a build (`npm run build`); run alone with `node bench/docker.mjs [packages] [context]`.
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { BuilderRegistry, createEngine } from "../packages/core/dist/index.js";
import { docker } from "../packages/docker/dist/index.js";
import { followAnswer, openWorkbench } from "../packages/test-services/dist/index.js";
import { inTurn, median, ratioRow, time } from "./measure.mjs";

const MIB = 1024 * 1024;
const FILES = 10;
const FILE_BYTES = 100 * MIB;
const PACKAGES = { aptPackages: ["git"], packages: ["pandas", "scikit-learn", "requests"] };

async function shell(command) {
  const child = spawn("sh", ["-c", command], { stdio: ["ignore", "ignore", "inherit"] });
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`${command} ended with exit code ${code}`);
}

async function writeFiles(directory) {
  await mkdir(directory);
  for (let index = 0; index < FILES; index += 1) {
    await writeFile(join(directory, `file-${index}`), randomBytes(FILE_BYTES));
  }
}

/** An engine that reads what it is sent and builds nothing, in a thread of its own. */
async function startReader(directory) {
  const socketPath = join(directory, "reader.sock");
  const worker = new Worker(new URL("reading-engine.mjs", import.meta.url), { workerData: socketPath });
  await once(worker, "message");
  return { dockerHost: `unix://${socketPath}`, stop: () => worker.terminate() };
}

async function buildSpec(cwd, spec, options) {
  const builders = new BuilderRegistry().register(docker());
  const [outcome] = await createEngine({ builders, cwd }).build([spec], {
    force: true,
    push: false,
    ...options,
  });
  if (outcome.error !== undefined) throw outcome.error;
  return outcome.reference;
}

/** Seconds from the start of the build, which hashes each file again, until the last byte of the context is sent. */
async function secondsToSend(directory, baseImage) {
  const controller = new AbortController();
  const { signal } = controller;
  let start = 0;
  let seconds = 0;
  const onEvent = (event) => {
    if (event.type === "build-start") start = performance.now();
    if (event.type !== "context" || !event.done) return;
    seconds = (performance.now() - start) / 1000;
    controller.abort();
  };
  const spec = { name: "imagespec-bench", baseImage, sourceRoot: "files" };
  await buildSpec(directory, spec, { signal, onEvent }).catch((error) => {
    if (!signal.aborted) throw error;
  });
  return seconds;
}

/** The same for a tar that lies ready, sent by Node without anything of ours. */
function secondsToSendTar(file, dockerHost) {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/x-tar" };
    const options = {
      socketPath: dockerHost.replace("unix://", ""),
      path: "/build?version=2",
      method: "POST",
      headers,
    };
    const request = http.request(options, (response) => response.resume());
    request.on("error", reject);
    request.on("finish", () => {
      resolve((performance.now() - start) / 1000);
      request
        .off("error", reject)
        .on("error", () => {})
        .destroy();
    });
    createReadStream(file, { highWaterMark: MIB }).pipe(request);
  });
}

function withHost(dockerHost, job) {
  return async () => {
    process.env.DOCKER_HOST = dockerHost;
    return job();
  };
}

/** An engine stores and hashes what it is sent, so only the first row is about what is ours. */
async function benchContext(directory, { dockerHost, version, base }) {
  const files = join(directory, "files");
  await writeFiles(files);
  const tar = join(directory, "context.tar");
  await shell(`tar c -f '${tar}' -C '${files}' .`);
  const reader = await startReader(directory);
  const [piped, read, sent, ready] = await inTurn(
    5,
    () => time(() => shell(`tar c -C '${files}' . | cat >/dev/null`)),
    withHost(reader.dockerHost, () => secondsToSend(directory, "docker.io/library/none:1")),
    withHost(dockerHost, () => secondsToSend(directory, base)),
    () => secondsToSendTar(tar, dockerHost),
  );
  await reader.stop();
  const reference = median(piped);
  const unit = "s";
  return [
    ratioRow("1 GB of context to an engine that only reads, against tar | cat", median(read), {
      reference,
      unit,
      bound: 3,
    }),
    ratioRow(`the same into Docker ${version}, against tar | cat`, median(sent), { reference, unit }),
    ratioRow(`a ready tar into Docker ${version}, against tar | cat`, median(ready), { reference, unit }),
  ];
}

async function buildByHand(client, base) {
  const t = `imagespec-bench:${randomUUID()}`;
  const context = { context: join(import.meta.dirname, "handwritten"), src: ["Dockerfile"] };
  const options = { t, version: "2", nocache: true, buildargs: { BASE: base } };
  await followAnswer(await client.buildImage(context, options));
  return t;
}

async function addedMegabytes(client, reference, base) {
  const [image, start] = await Promise.all([reference, base].map((name) => client.getImage(name).inspect()));
  return (image.Size - start.Size) / 1e6;
}

/** Both from the second build on, when everything is downloaded; no layer comes from a cache. */
async function benchPackages(directory, { client, base }) {
  const spec = { name: "imagespec-bench", baseImage: base, ...PACKAGES };
  const images = {};
  const ours = async () => (images.ours = await buildSpec(directory, spec));
  const byHand = async () => (images.byHand = await buildByHand(client, base));
  await ours();
  await byHand();
  const [oursTimes, byHandTimes] = await inTurn(
    3,
    () => time(ours),
    () => time(byHand),
  );
  const reference = median(byHandTimes);
  const size = await addedMegabytes(client, images.ours, base);
  const sizeByHand = await addedMegabytes(client, images.byHand, base);
  const what = "git, pandas, scikit-learn, requests, against a hand-written Dockerfile";
  return [
    ratioRow(`${what}: time`, median(oursTimes), { reference, unit: "s", bound: 1.05 }),
    ratioRow(`${what}: size`, size, { reference: sizeByHand, unit: "MB", bound: 1.05 }),
  ];
}

const parts = { packages: benchPackages, context: benchContext };

/** The rows of `names`, by default of all parts. */
export async function benchDocker(names = Object.keys(parts)) {
  const workbench = await openWorkbench();
  const directory = await mkdtemp(join(tmpdir(), "imagespec-bench-"));
  const { env } = process;
  const { dockerHost = env.DOCKER_HOST ?? "unix:///var/run/docker.sock", version, client } = workbench.engine;
  const base = workbench.substitute?.baseImage ?? "docker.io/library/python:3.12-slim-bookworm";
  const rows = [];
  try {
    await followAnswer(await client.pull(base));
    env.DOCKER_HOST = dockerHost;
    for (const name of names)
      rows.push(...(await parts[name](directory, { dockerHost, version, client, base })));
    return rows;
  } finally {
    await workbench.close();
    await rm(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const names = process.argv.slice(2);
  console.table(await benchDocker(names.length > 0 ? names : undefined));
}
