// How fast a source tree gets a tag: the first time, and again when nothing changed. Needs a build (`npm run build`);
// run alone with `node bench/fingerprint.bench.mjs`.
import { execFile } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { inTurn, median, ratioRow } from "./measure.mjs";

const FOLDERS = 100;
const FILES_IN_EACH = 100;
const FILE_BYTES = 107_374;
const ROUNDS = 5;
/** Milliseconds until a file that was just written is old enough for the cache. */
const SETTLING = 3000;

const execute = promisify(execFile);

/** 10,000 files, 1 GiB, no two alike. */
async function writeTree(root) {
  const bytes = Buffer.alloc(FILE_BYTES);
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    const place = join(root, "files", `package-${folder}`, "src");
    await mkdir(place, { recursive: true });
    for (let file = 0; file < FILES_IN_EACH; file += 1) {
      await writeFile(join(place, `module-${file}.bin`), randomFillSync(bytes));
    }
  }
}

function hashWhole(file) {
  createHash("sha256").update(readFileSync(file)).digest("hex");
}

const chunk = Buffer.alloc(64 * 1024);

function hashInChunks(file) {
  const hash = createHash("sha256");
  const descriptor = openSync(file);
  for (let length = -1; length !== 0; ) {
    length = readSync(descriptor, chunk, 0, chunk.length, null);
    hash.update(chunk.subarray(0, length));
  }
  closeSync(descriptor);
  hash.digest("hex");
}

/** Milliseconds that one thread of Node takes for the same files, their names at hand. */
function measurePeer(root, hashFile) {
  const entries = readdirSync(join(root, "files"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const start = performance.now();
  for (const file of files) hashFile(file);
  return [performance.now() - start];
}

/** Milliseconds of `times` tags in one process. */
async function measureOurs(root, times) {
  const { fingerprint, resolvePlan } = await import("../packages/core/dist/index.js");
  const taken = [];
  for (let i = 0; i < times; i += 1) {
    const start = performance.now();
    fingerprint(await resolvePlan({ sourceRoot: "files" }, { cwd: root }));
    taken.push(performance.now() - start);
  }
  return taken;
}

const jobs = {
  whole: (root) => measurePeer(root, hashWhole),
  chunks: (root) => measurePeer(root, hashInChunks),
  once: (root) => measureOurs(root, 1),
  twice: (root) => measureOurs(root, 2),
};

/** What a job took in a process of its own, with this cache. */
async function measure(job, root, cache) {
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  const { stdout } = await execute(process.execPath, [import.meta.filename, job, root], { env });
  return JSON.parse(stdout);
}

export async function benchFingerprint() {
  const root = await mkdtemp(join(tmpdir(), "imagespec-bench-"));
  try {
    await writeTree(root);
    await setTimeout(SETTLING);
    const [whole, chunks, ours, again] = await inTurn(
      ROUNDS,
      () => measure("whole", root, root),
      () => measure("chunks", root, root),
      (round) => measure("twice", root, join(root, `cache-${round}`)),
      (round) => measure("once", root, join(root, `cache-${round}`)),
    );
    const at = (runs, index) => median(runs.map(({ taken }) => taken[index]));
    const first = at(ours, 0);
    const peers = [at(whole, 0), at(chunks, 0)];
    const megabytes = Math.max(...ours.map(({ peak }) => peak));
    const size = `${FOLDERS * FILES_IN_EACH} files, 1 GiB`;
    return [
      ratioRow(`a tag of ${size}, against one thread of Node, whichever way is faster`, first, {
        reference: Math.min(...peers),
        unit: "ms",
        bound: 0.75,
      }),
      ratioRow("the same, against the slower way", first, { reference: Math.max(...peers), unit: "ms" }),
      ratioRow("the same again, against the first time", at(ours, 1), {
        reference: first,
        unit: "ms",
        bound: 0.1,
      }),
      ratioRow("the same again in a new process", at(again, 0), { reference: first, unit: "ms" }),
      ratioRow("peak memory, against 200 MB", megabytes, { reference: 200, unit: "MB", bound: 1 }),
    ];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const [, script, job, root] = process.argv;
if (script === import.meta.filename) {
  if (job === undefined) console.table(await benchFingerprint());
  else {
    const taken = await jobs[job](root);
    console.log(JSON.stringify({ taken, peak: process.resourceUsage().maxRSS / 1024 }));
  }
}
