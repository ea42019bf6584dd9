// How long the engine is kept from its work: a rebuild after one changed file, and many images at once, against
// Dockerfiles of the same layers that are built one after the other. Needs a build (`npm run build`).
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildByHand, buildSpecs, withEngine } from "./engine.mjs";
import { inTurn, median, ratioRow, time } from "./measure.mjs";

const FILES = 200;
const SPECS = 20;
const DISTINCT = 12;
const SECONDS = 5;
/** What the longest of the specs takes: as long as each of the others, and longer. */
const LONGEST = [SECONDS, 20];

async function buildText(client, folder, dockerfile) {
  await writeFile(join(folder, "Dockerfile"), dockerfile);
  await buildByHand(client, { folder, src: ["Dockerfile", "files"] });
}

const change = (folder) => writeFile(join(folder, "files", "changed.py"), `print("${randomUUID()}")\n`);

async function benchChange({ client, base, folder }) {
  const spec = { name: "imagespec-bench", baseImage: base, sourceRoot: "files" };
  const dockerfile = `FROM ${base}\nWORKDIR /root\nENV PYTHONPATH=/root\nCOPY files /root/\n`;
  const ours = () => buildSpecs(folder, [spec]);
  const byHand = () => buildText(client, folder, dockerfile);
  await change(folder);
  await ours();
  await byHand();
  const changed = (job) => async () => {
    await change(folder);
    return time(job);
  };
  const [oursTimes, byHandTimes] = await inTurn(5, changed(ours), changed(byHand));
  return ratioRow("one changed file of 200, against docker build", median(oursTimes), {
    reference: median(byHandTimes),
    unit: "s",
    bound: 1.1,
  });
}

/** Steps that wait leave the cores free, whatever the machine has. */
async function benchMany(longest, { client, base, folder }) {
  const script = (index) => `sleep ${index === 0 ? longest : SECONDS}; echo ${index} ${randomUUID()} >/made`;
  const stepsOf = () => Array.from({ length: SPECS }, (_, index) => index % DISTINCT);
  const specsFor = (indexes, scripts) =>
    indexes.map((index) => ({ name: `bench-${index}`, baseImage: base, commands: [scripts[index]] }));
  const scripts = () => Array.from({ length: DISTINCT }, (_, index) => script(index));
  // Tools that commands find are made once for all.
  await buildSpecs(folder, specsFor([0], scripts()));
  const together = await time(() =>
    buildSpecs(folder, specsFor(stepsOf(), scripts()), { concurrency: DISTINCT }),
  );
  const single = await time(() => buildSpecs(folder, specsFor([0], scripts())));
  const texts = scripts();
  const loop = await time(async () => {
    for (const index of stepsOf()) await buildText(client, folder, `FROM ${base}\nRUN ${texts[index]}\n`);
  });
  const what = `${SPECS} specs, ${DISTINCT} of them distinct, the longest of ${longest} s`;
  return [
    ratioRow(`${what}, against that one alone`, together, { reference: single, unit: "s", bound: 1.3 }),
    ratioRow(`${what}, against a loop over docker build`, together, { reference: loop, unit: "s", bound: 1 }),
  ];
}

export async function benchDockerRebuild() {
  return withEngine(async (place) => {
    const files = join(place.folder, "files");
    await mkdir(files);
    for (let index = 0; index < FILES; index += 1) {
      await writeFile(join(files, `module_${index}.py`), `VALUE = ${index}\n`.repeat(100));
    }
    const rows = [await benchChange(place)];
    for (const longest of LONGEST) rows.push(...(await benchMany(longest, place)));
    return rows;
  });
}
