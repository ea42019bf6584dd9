// How fast a context gets into an engine, and what an emitted Dockerfile costs against one that a person wrote. Needs
// a build (`npm run build`); run alone with `node bench/docker.mjs [packages] [context]`.
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/**
 * Seconds from the start of the build, which hashes each file again, until the last byte of the context is sent. To an
 * image of another name all of it is sent.
 */
async function secondsToSend(directory, { base, name = `bench-${randomUUID()}` }) {
  let start = 0;
  let seconds = 0;
  const onEvent = (event) => {
    if (event.type === "build-start") start = performance.now();
    if (event.type === "context" && event.done) seconds = (performance.now() - start) / 1000;
  };
  await buildSpec(directory, { name, baseImage: base, sourceRoot: "files" }, { onEvent });
  return seconds;
}

/** The same by a client that sends a tar of everything; the engine has stored it when it begins to answer. */
async function secondsToSendTar(client, directory) {
  await writeFile(join(directory, "Dockerfile"), "FROM scratch\n");
  const start = performance.now();
  const answer = await client.buildImage(
    { context: directory, src: ["Dockerfile", "files"] },
    { version: "2" },
  );
  const seconds = (performance.now() - start) / 1000;
  await followAnswer(answer);
  return seconds;
}

/** An engine stores and hashes what it is sent, and so does more than the pipe. */
async function benchContext(directory, { client, version, base }) {
  const files = join(directory, "files");
  await writeFiles(files);
  const [piped, sent, tar] = await inTurn(
    3,
    () => time(() => shell(`tar c -C '${files}' . | cat >/dev/null`)),
    () => secondsToSend(directory, { base }),
    () => secondsToSendTar(client, directory),
  );
  const again = { base, name: "bench-again" };
  await secondsToSend(directory, again);
  await writeFile(join(files, "file-0"), randomBytes(FILE_BYTES));
  const changed = await secondsToSend(directory, again);
  const reference = median(piped);
  const unit = "s";
  const what = `1 GB of context into Docker ${version}`;
  return [
    ratioRow(`${what}, against tar | cat`, median(sent), { reference, unit, bound: 3 }),
    ratioRow("the same, against a tar sent to that engine", median(sent), { reference: median(tar), unit }),
    ratioRow("again when 100 MB of it changed, against tar | cat", changed, { reference, unit }),
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
    for (const name of names) rows.push(...(await parts[name](directory, { version, client, base })));
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
