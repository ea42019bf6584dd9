// How long the engine is kept from its work: a rebuild after one changed file, and many images at once, against
// Dockerfiles of the same layers that are built one after the other. Needs a build (`npm run build`).
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuilderRegistry, createEngine } from "../packages/core/dist/index.js";
import { docker } from "../packages/docker/dist/index.js";
import { followAnswer, openWorkbench } from "../packages/test-services/dist/index.js";
import { inTurn, median, ratioRow, time } from "./measure.mjs";

const FILES = 200;
const SPECS = 20;
const DISTINCT = 12;
const SECONDS = 5;

/** Builds specs into the engine's store, all of them at once. */
async function buildSpecs(cwd, specs) {
  const builders = new BuilderRegistry().register(docker());
  const outcomes = await createEngine({ builders, cwd }).build(specs, { push: false, concurrency: DISTINCT });
  const failed = outcomes.find(({ error }) => error !== undefined);
  if (failed) throw failed.error;
}

async function buildByHand(client, folder, dockerfile) {
  await writeFile(join(folder, "Dockerfile"), dockerfile);
  const context = { context: folder, src: ["Dockerfile", "files"] };
  await followAnswer(
    await client.buildImage(context, { t: `imagespec-bench:${randomUUID()}`, version: "2" }),
  );
}

const change = (folder) => writeFile(join(folder, "files", "changed.py"), `print("${randomUUID()}")\n`);

async function benchChange(folder, { client, base }) {
  const spec = { name: "imagespec-bench", baseImage: base, sourceRoot: "files" };
  const dockerfile = `FROM ${base}\nWORKDIR /root\nENV PYTHONPATH=/root\nCOPY files /root/\n`;
  const ours = () => buildSpecs(folder, [spec]);
  const byHand = () => buildByHand(client, folder, dockerfile);
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
async function benchMany(folder, { client, base }) {
  const script = (index) => `sleep ${SECONDS}; echo ${index} ${randomUUID()} >/made`;
  const stepsOf = () => Array.from({ length: SPECS }, (_, index) => index % DISTINCT);
  const specsFor = (indexes, scripts) =>
    indexes.map((index) => ({ name: `bench-${index}`, baseImage: base, commands: [scripts[index]] }));
  const scripts = () => Array.from({ length: DISTINCT }, (_, index) => script(index));
  // Tools that commands find are made once for all.
  await buildSpecs(folder, specsFor([0], scripts()));
  const together = await time(() => buildSpecs(folder, specsFor(stepsOf(), scripts())));
  const single = await time(() => buildSpecs(folder, specsFor([0], scripts())));
  const texts = scripts();
  const loop = await time(async () => {
    for (const index of stepsOf()) await buildByHand(client, folder, `FROM ${base}\nRUN ${texts[index]}\n`);
  });
  const what = `${SPECS} specs, ${DISTINCT} of them distinct`;
  return [
    ratioRow(`${what}, against one alone`, together, { reference: single, unit: "s", bound: 1.3 }),
    ratioRow(`${what}, against a loop over docker build`, together, { reference: loop, unit: "s", bound: 1 }),
  ];
}

export async function benchDockerRebuild() {
  const workbench = await openWorkbench();
  const folder = await mkdtemp(join(tmpdir(), "imagespec-bench-"));
  const { env } = process;
  const { dockerHost = env.DOCKER_HOST ?? "unix:///var/run/docker.sock", client } = workbench.engine;
  const base = workbench.substitute?.baseImage ?? "docker.io/library/python:3.12-slim-bookworm";
  try {
    env.DOCKER_HOST = dockerHost;
    await followAnswer(await client.pull(base));
    await mkdir(join(folder, "files"));
    for (let index = 0; index < FILES; index += 1) {
      await writeFile(join(folder, "files", `module_${index}.py`), `VALUE = ${index}\n`.repeat(100));
    }
    return [await benchChange(folder, { client, base }), ...(await benchMany(folder, { client, base }))];
  } finally {
    await workbench.close();
    await rm(folder, { recursive: true, force: true });
  }
}
