// Runs the benchmarks and prints a table for each: `npm run bench`, or `npm run bench -- fingerprint docker`. Needs a
// build. A benchmark is a file here that exports a function `bench…`, which gives the rows.
import { readdir, readFile } from "node:fs/promises";

const folder = new URL(".", import.meta.url);
const exported = /^export async function (bench\w+)/m;

/** The names of the benchmarks and where each is. */
async function findBenchmarks() {
  const found = new Map();
  for (const file of (await readdir(folder)).sort()) {
    if (!file.endsWith(".mjs")) continue;
    const [, name] = exported.exec(await readFile(new URL(file, folder), "utf8")) ?? [];
    if (name) found.set(file.replace(/(\.bench)?\.mjs$/, ""), { file, name });
  }
  return found;
}

/** Does the benchmark have an end? A bound that does not hold is one, and stands in the table. */
async function run(title, { file, name }) {
  console.log(`\n${title}`);
  try {
    const benchmark = await import(new URL(file, folder).href);
    console.table(await benchmark[name]());
    return true;
  } catch (error) {
    console.error(error);
    return false;
  }
}

const benchmarks = await findBenchmarks();
const named = process.argv.slice(2);
const unknown = named.find((name) => !benchmarks.has(name));
if (unknown !== undefined) {
  console.error(`there is no benchmark ${unknown}; there are ${[...benchmarks.keys()].join(", ")}`);
  process.exit(2);
}
for (const title of named.length > 0 ? named : benchmarks.keys()) {
  if (!(await run(title, benchmarks.get(title)))) process.exitCode = 1;
}
