// Builds through Union against those of the official client, each as a whole process, on a backend that builds nothing.
// Needs a build (`npm run build`); run alone with `node bench/union.bench.mjs`.
import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ensureOfficialClient, startUnionBackend } from "../packages/union-backend/dist/index.js";
import { inTurn, median, ratioRow, time } from "./measure.mjs";

const ROUNDS = 5;
/** The official client sends a file line by line, so that 50 MiB take it more than a minute. */
const ROUNDS_OF_NEW = 1;
const FILES = 1000;
const FILE_SIZE = 50 * 1024;
/** MiB that our process may take, whatever the context's size. */
const MEMORY = 150;
const execute = promisify(execFile);
const client = join(import.meta.dirname, "union-client.mjs");
const official = join(import.meta.dirname, "../packages/union-backend/test/support/official-build.py");

async function writeTree(directory, size) {
  await mkdir(join(directory, "data"), { recursive: true });
  for (let index = 0; index < FILES; index += 1) {
    await writeFile(join(directory, "data", `file-${index}`), randomBytes(size));
  }
}

/** A build by our client: what it came to, and what it and its process took. */
async function build({ endpoint, directory }, spec) {
  const text = JSON.stringify({ name: "bench", builder: "union", baseImage: "debian:12", ...spec });
  const { stdout } = await execute(process.execPath, [client, endpoint, directory, text]);
  return JSON.parse(stdout);
}

function buildByOfficial({ endpoint, directory, python }, name) {
  const env = {
    ...process.env,
    HOME: directory,
    PATH: `${dirname(python)}:${process.env.PATH}`,
    STAMP: randomUUID(),
  };
  return execute(python, [official, name, endpoint, "debian:12"], { cwd: directory, env });
}

const present = { packages: ["six==1.16.0"] };
const fresh = () => ({ copy: ["data"], env: { STAMP: randomUUID() } });

const milliseconds = async (job) => 1000 * (await time(job));

async function rows(place) {
  await build(place, present);
  await buildByOfficial(place, "packages");
  const [ours, theirs] = await inTurn(
    ROUNDS,
    async () => (await build(place, present)).taken,
    () => milliseconds(() => buildByOfficial(place, "packages")),
  );
  await writeTree(place.directory, FILE_SIZE);
  const [oursNew, theirsNew] = await inTurn(
    ROUNDS_OF_NEW,
    () => milliseconds(() => build(place, fresh())),
    () => milliseconds(() => buildByOfficial(place, "files")),
  );
  const { memory } = await build(place, fresh());
  await writeTree(place.directory, 4 * FILE_SIZE);
  const large = await build(place, fresh());
  const least = { reference: MEMORY, unit: "MiB", bound: 1 };
  return [
    ratioRow("our client for an image that is there, against the official one's process", median(ours), {
      reference: median(theirs),
      unit: "ms",
      bound: 0.15,
    }),
    ratioRow(`a new build of ${FILES} files and 50 MiB, against the official client`, median(oursNew), {
      reference: median(theirsNew),
      unit: "ms",
      bound: 0.5,
    }),
    ratioRow(`the memory of that build, against ${MEMORY} MiB`, memory, least),
    ratioRow("the memory with files four times as large", large.memory, least),
  ];
}

/** The rows of the table. */
export async function benchUnion() {
  const directory = await mkdtemp(join(tmpdir(), "imagespec-bench-union-"));
  const executor = async ({ target }) => `registry.example/${target}`;
  const backend = await startUnionBackend({ executor, behaviour: { signedFor: 900 } });
  try {
    return await rows({ directory, endpoint: backend.endpoint, python: await ensureOfficialClient() });
  } finally {
    await backend.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) console.table(await benchUnion());
