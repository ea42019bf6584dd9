// How fast a build context becomes a tar, each file hashed again on its way. Needs a build (`npm run build`); run alone
// with `node bench/context.bench.mjs`.
import { execFile, spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { inTurn, median, ratioRow, time } from "./measure.mjs";

const MIB = 1024 * 1024;
const ROUNDS = 5;
const SHAPES = [
  { what: "10,000 files", folders: 100, files: 100, bytes: 107_374 },
  { what: "10 files", folders: 1, files: 10, bytes: 1024 * (MIB / 10) },
];

const execute = promisify(execFile);

async function writeTree(root, { folders, files, bytes }) {
  const content = Buffer.alloc(Math.round(bytes));
  for (let folder = 0; folder < folders; folder += 1) {
    const place = join(root, "files", `folder-${folder}`);
    await mkdir(place, { recursive: true });
    for (let file = 0; file < files; file += 1) {
      await writeFile(join(place, `file-${file}`), randomFillSync(content));
    }
  }
}

/** Seconds until `cat` has taken the whole context of a plan that is resolved. */
async function measureOurs(root) {
  const { contextEntries, packContext, resolveImage } = await import("../packages/core/dist/index.js");
  const image = await resolveImage({ sourceRoot: "files" }, { cwd: root });
  return time(async () => {
    const cat = spawn("sh", ["-c", "cat >/dev/null"], { stdio: ["pipe", "ignore", "inherit"] });
    await pipeline(packContext(contextEntries(image)), cat.stdin);
    await new Promise((resolve) => cat.once("close", resolve));
  });
}

async function measure(root) {
  const env = { ...process.env, XDG_CACHE_HOME: join(root, "cache") };
  const { stdout } = await execute(process.execPath, [import.meta.filename, root], { env });
  return JSON.parse(stdout);
}

async function benchShape(shape) {
  const root = await mkdtemp(join(tmpdir(), "imagespec-bench-"));
  try {
    await writeTree(root, shape);
    const tar = () => time(() => execute("sh", ["-c", "tar -cf - files | cat >/dev/null"], { cwd: root }));
    const [byTar, ours] = await inTurn(ROUNDS, tar, () => measure(root));
    const what = `1 GiB of ${shape.what}`;
    const seconds = median(ours.map((one) => one.seconds));
    const megabytes = Math.max(...ours.map((one) => one.peak));
    return [
      ratioRow(`${what} as a tar, against tar | cat`, seconds, {
        reference: median(byTar),
        unit: "s",
        bound: 3,
      }),
      ratioRow(`${what}: peak memory, against 200 MB`, megabytes, { reference: 200, unit: "MB", bound: 1 }),
    ];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

export async function benchContext() {
  const rows = [];
  for (const shape of SHAPES) rows.push(...(await benchShape(shape)));
  return rows;
}

const [, script, root] = process.argv;
if (script === import.meta.filename) {
  if (root === undefined) console.table(await benchContext());
  else {
    const seconds = await measureOurs(root);
    console.log(JSON.stringify({ seconds, peak: process.resourceUsage().maxRSS / 1024 }));
  }
}
