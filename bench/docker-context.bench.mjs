// How fast a context gets into an engine whose data lie in memory, so that no disk decides. Needs a build
// (`npm run build`) and 8 GiB of memory.
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { followAnswer } from "../packages/test-services/dist/index.js";
import { buildSpecs, withEngine } from "./engine.mjs";
import { inTurn, median, ratioRow, time } from "./measure.mjs";

const MIB = 1024 * 1024;
const FILES = 10;
const FILE_BYTES = 100 * MIB;
const MEMORY = 8192;
const ROUNDS = 3;

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

/**
 * Seconds from the start of the build, which hashes each file again, until the last byte of the context is sent. To an
 * image of another name all of it is sent.
 */
async function secondsToSend({ folder, base }, name = `bench-${randomUUID()}`) {
  let start = 0;
  let seconds = 0;
  const onEvent = (event) => {
    if (event.type === "build-start") start = performance.now();
    if (event.type === "context" && event.done) seconds = (performance.now() - start) / 1000;
  };
  await buildSpecs(folder, [{ name, baseImage: base, sourceRoot: "files" }], { force: true, onEvent });
  return seconds;
}

/** Makes room for the next round. */
async function removeAll(client) {
  const images = await client.listImages({ filters: { reference: ["bench-*"] } });
  for (const { Id } of images) await client.getImage(Id).remove({ force: true });
  await client.pruneBuilder();
}

/** The same by a client that sends a tar of everything; the engine has stored it when it begins to answer. */
async function secondsToSendTar({ client, folder }) {
  await writeFile(join(folder, "Dockerfile"), "FROM scratch\n");
  const start = performance.now();
  const answer = await client.buildImage({ context: folder, src: ["Dockerfile", "files"] }, { version: "2" });
  const seconds = (performance.now() - start) / 1000;
  await followAnswer(answer);
  return seconds;
}

/** An engine stores and hashes what it is sent, and so does more than the pipe. */
async function benchContext(place) {
  const files = join(place.folder, "files");
  await writeFiles(files);
  const cleared = async (job) => {
    await removeAll(place.client);
    return job();
  };
  const [piped, sent, tar] = await inTurn(
    ROUNDS,
    () => time(() => shell(`tar c -C '${files}' . | cat >/dev/null`)),
    () => cleared(() => secondsToSend(place)),
    () => cleared(() => secondsToSendTar(place)),
  );
  await secondsToSend(place, "bench-again");
  await writeFile(join(files, "file-0"), randomBytes(FILE_BYTES));
  const changed = await secondsToSend(place, "bench-again");
  const reference = median(piped);
  const unit = "s";
  const what = `1 GB of context into Docker ${place.version}`;
  return [
    ratioRow(`${what}, against tar | cat`, median(sent), { reference, unit, bound: 3 }),
    ratioRow("the same, against a tar sent to that engine", median(sent), { reference: median(tar), unit }),
    ratioRow("again when 100 MB of it changed, against tar | cat", changed, { reference, unit }),
  ];
}

export async function benchDockerContext() {
  return withEngine(benchContext, { memory: MEMORY });
}
