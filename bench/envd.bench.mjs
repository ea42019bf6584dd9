// What the envd builder adds to `envd build` by hand on the same folder, and how long emitting takes. Needs a build
// (`npm run build`); run alone with `node bench/envd.bench.mjs`.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  BuilderRegistry,
  contextEntries,
  createEngine,
  resolveImage,
  writeContext,
} from "../packages/core/dist/index.js";
import { emitEnvdConfig, envd } from "../packages/envd/dist/index.js";
import {
  baseImageReference,
  ensureBaseImages,
  ensurePythonPrograms,
  startDockerd,
  startDockerRegistry,
} from "../packages/test-services/dist/index.js";
import { inTurn, median, ratioRow, time } from "./measure.mjs";

const FILES = 1000;
const ROUNDS = 3;

async function writeTree(directory) {
  await mkdir(join(directory, "data"), { recursive: true });
  for (let index = 0; index < FILES; index += 1) {
    await writeFile(join(directory, "data", `file-${index}`), randomUUID().repeat(100));
  }
}

/** What somebody who uses envd by hand has set up once. */
async function writeHome(home, host) {
  const folder = join(home, ".config", "containers");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "registries.conf"), `[[registry]]\nlocation = "${host}"\ninsecure = true\n`);
}

/** Steps that are never cached, with the work that builds have. */
const specOf = (baseImage) => ({
  name: "imagespec-bench",
  baseImage,
  packages: ["requests"],
  copy: ["data"],
  env: { STAMP: randomUUID() },
  commands: ["python -m compileall -q -f /usr/lib/python3.11/email /usr/lib/python3.11/asyncio"],
});

/** Seconds of envd alone, on a folder that lies ready. */
async function secondsByHand({ binary, home, directory, baseImage }) {
  const image = await resolveImage(specOf(baseImage), { cwd: directory });
  const { text, files } = emitEnvdConfig(image.plan);
  const folder = join(directory, `by-hand-${randomUUID()}`);
  await writeContext(contextEntries(image), folder);
  for (const { path, content } of [{ path: "build.envd", content: text }, ...files]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return time(async () => {
    const words = ["build", "--path", folder, "--tag", `by-hand:${randomUUID()}`, "--force"];
    const env = { ...process.env, HOME: home, ENVD_ANALYTICS: "false" };
    const child = spawn(binary, words, { env, stdio: ["ignore", "ignore", "inherit"] });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`envd ended with exit code ${code}`);
  });
}

/** Seconds of our builder, from the plan on to the image. */
async function secondsOfOurs({ binary, directory, baseImage }) {
  const builders = new BuilderRegistry().register(envd({ binary }));
  const engine = createEngine({ builders, cwd: directory });
  let outcome;
  const seconds = await time(async () => {
    [outcome] = await engine.build([specOf(baseImage)], { force: true, push: false });
  });
  if (outcome.error !== undefined) throw outcome.error;
  return seconds;
}

async function millisecondsToEmit(directory, baseImage) {
  const { plan } = await resolveImage(specOf(baseImage), { cwd: directory });
  return inTurn(20, async () => 1000 * (await time(async () => emitEnvdConfig(plan))));
}

/** The rows of the table. */
export async function benchEnvd() {
  const contents = await ensureBaseImages();
  const [dockerd, host] = await Promise.all([startDockerd(), startDockerRegistry({ contents })]);
  const directory = await mkdtemp(join(tmpdir(), "imagespec-bench-envd-"));
  try {
    process.env.DOCKER_HOST = dockerd.dockerHost;
    const binary = join(await ensurePythonPrograms(["envd==1.3.6", "uv==0.13.8"]), "bin", "envd");
    const baseImage = baseImageReference(host.host, "python-venv");
    await writeTree(directory);
    const job = { binary, directory, baseImage, home: join(directory, "home") };
    await writeHome(job.home, host.host);
    await secondsByHand(job);
    await secondsOfOurs(job);
    const [byHand, ours] = await inTurn(
      ROUNDS,
      () => secondsByHand(job),
      () => secondsOfOurs(job),
    );
    const [emitted] = await millisecondsToEmit(directory, baseImage);
    const what = `a build of ${FILES} files, packages and commands, against envd by hand`;
    return [
      ratioRow(what, median(ours), { reference: median(byHand), unit: "s", bound: 1.05 }),
      ratioRow(`emitting a plan of ${FILES} files, against 50 ms`, median(emitted), {
        reference: 50,
        unit: "ms",
        bound: 1,
      }),
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
    await Promise.all([dockerd.stop(), host.stop()]);
  }
}

if (process.argv[1] === import.meta.filename) console.table(await benchEnvd());
