// What an emitted Dockerfile costs against one that a person wrote for the same packages: named in the spec, in a
// uv.lock and in a poetry.lock. Needs a build (`npm run build`) and PyPI.
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensurePythonPrograms } from "../packages/test-services/dist/index.js";
import { buildByHand, buildSpecs, withEngine } from "./engine.mjs";
import { inTurn, median, ratioRow, time } from "./measure.mjs";

const NAMES = ["pandas", "scikit-learn", "requests"];
/** Of the Python in a base that is made of Debian's packages. */
const OLDEST_PYTHON = "3.11";
const ROUNDS = 3;

const execute = promisify(execFile);

const pyproject = `[project]
name = "bench"
version = "1.0"
requires-python = ">=${OLDEST_PYTHON},<4.0"
dependencies = ${JSON.stringify(NAMES)}
`;

async function lock(folder, program, requirement) {
  const place = await ensurePythonPrograms([requirement]);
  const env = { ...process.env, PYTHONPATH: place };
  await execute(join(place, "bin", program), ["lock", "--quiet"], { cwd: folder, env });
}

async function lockByUv(folder) {
  await writeFile(join(folder, "pyproject.toml"), pyproject);
  await lock(folder, "uv", "uv==0.13.8");
}

/** poetry asks an index that it is not told of by an interface that mirrors lack, so it is told of the one that uv asks. */
async function lockByPoetry(folder) {
  await lockByUv(folder);
  const locked = join(folder, "uv.lock");
  const [, url] = /registry = "(.*?)"/.exec(await readFile(locked, "utf8")) ?? [];
  await rm(locked);
  const source = `\n[[tool.poetry.source]]\nname = "index"\nurl = "${url}/"\npriority = "primary"\n`;
  await writeFile(join(folder, "pyproject.toml"), pyproject + source);
  await lock(folder, "poetry", "poetry==2.2.1");
}

/** What each way says in place of `packages`, and how its files are made. */
const ways = {
  packages: { spec: { packages: NAMES }, prepare: async () => {} },
  uv: { spec: { requirements: "uv.lock" }, prepare: lockByUv },
  poetry: { spec: { requirements: "poetry.lock" }, prepare: lockByPoetry },
};

async function addedMegabytes(client, reference, base) {
  const [image, start] = await Promise.all([reference, base].map((name) => client.getImage(name).inspect()));
  return (image.Size - start.Size) / 1e6;
}

/** Both from the second build on, when everything is downloaded; no layer comes from a cache. */
async function benchWay(name, { client, base, folder: parent, rounds }) {
  const folder = join(parent, name);
  await mkdir(folder);
  await cp(join(import.meta.dirname, "handwritten"), folder, { recursive: true });
  await ways[name].prepare(folder);
  const spec = { name: "imagespec-bench", baseImage: base, aptPackages: ["git"], ...ways[name].spec };
  const options = {
    folder,
    src: await readdir(folder),
    nocache: true,
    target: name,
    buildargs: { BASE: base },
  };
  const images = { ours: "", byHand: "" };
  const ours = async () => ([images.ours] = await buildSpecs(folder, [spec], { force: true }));
  const byHand = async () => (images.byHand = await buildByHand(client, options));
  await ours();
  await byHand();
  const [oursTimes, byHandTimes] = await inTurn(
    rounds,
    () => time(ours),
    () => time(byHand),
  );
  const reference = median(byHandTimes);
  const size = await addedMegabytes(client, images.ours, base);
  const sizeByHand = await addedMegabytes(client, images.byHand, base);
  const what = `git, ${NAMES.join(", ")} by ${name}, against a hand-written Dockerfile`;
  return [
    ratioRow(`${what}: time`, median(oursTimes), { reference, unit: "s", bound: 1.05 }),
    ratioRow(`${what}: size`, size, { reference: sizeByHand, unit: "MB", bound: 1.05 }),
  ];
}

/** The rows of `names`, by default of all ways; the median of so many builds. */
export async function benchDockerInstall({ names = Object.keys(ways), rounds = ROUNDS } = {}) {
  return withEngine(async (place) => {
    const rows = [];
    for (const name of names) rows.push(...(await benchWay(name, { ...place, rounds })));
    return rows;
  });
}
