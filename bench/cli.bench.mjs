// How long the command takes as a whole process, against Node with nothing to do. Needs a build (`npm run build`); run
// alone with `node bench/cli.bench.mjs`.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { publishImage, startDockerRegistry } from "../packages/test-services/dist/index.js";
import { inTurn, median, ratioRow, time } from "./measure.mjs";

const ROUNDS = 15;
const command = join(import.meta.dirname, "..", "packages", "cli", "bin", "imagespec.js");
const execute = promisify(execFile);

const spec = (registry) => `name: app
registry: ${registry}/bench
base_image: debian:12
python_version: "3.12"
packages: [pandas, scikit-learn]
apt_packages: [git]
env: {STAGE: production}
commands: ["echo done"]
`;

/** The command, and Node itself, in a folder and with caches of their own. */
function runnerIn(directory) {
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
  const env = { ...inherited, HOME: directory, XDG_CACHE_HOME: join(directory, "cache") };
  const run = (...args) => execute(process.execPath, args, { cwd: directory, env });
  return { run, imagespec: (...args) => run(command, ...args) };
}

/** The spec's image as a registry has it that was pushed to before. */
async function publish({ imagespec }, registry) {
  const reference = (await imagespec("tag")).stdout.trim();
  const [, repository, tag] = /^[^/]+\/(.+):(.+)$/.exec(reference);
  await publishImage(registry.url, repository, { tags: [tag] });
}

/** The first run of a command fills its code cache, which later ones find. */
async function warmed(job) {
  await job();
  await job();
  return job;
}

async function rows(directory, runner) {
  await writeFile(join(directory, "image.mjs"), 'export default { name: "app", baseImage: "debian:12" };\n');
  const { run, imagespec } = runner;
  const commands = [
    { what: "imagespec --help", args: ["--help"], bound: 2 },
    { what: "imagespec tag, a YAML spec", args: ["tag", "image.yaml"], bound: 2 },
    { what: "imagespec exists, a present image", args: ["exists", "image.yaml"], bound: 2.6 },
    { what: "imagespec build, a present image", args: ["build", "image.yaml"], bound: 2.6 },
    { what: "imagespec tag, a JavaScript spec", args: ["tag", "image.mjs"] },
  ];
  const jobs = await Promise.all(commands.map(({ args }) => warmed(() => imagespec(...args))));
  const timed = [() => run("-e", "0"), ...jobs].map((job) => () => time(job));
  const [node, ...taken] = (await inTurn(ROUNDS, ...timed)).map((seconds) => 1000 * median(seconds));
  return commands.map(({ what, bound }, index) =>
    ratioRow(`${what}, against node -e 0`, taken[index], { reference: node, unit: "ms", bound }),
  );
}

/** The rows of the table. */
export async function benchCli() {
  const registry = await startDockerRegistry();
  const directory = await mkdtemp(join(tmpdir(), "imagespec-bench-"));
  try {
    await writeFile(join(directory, "image.yaml"), spec(registry.host));
    const runner = runnerIn(directory);
    await publish(runner, registry);
    return await rows(directory, runner);
  } finally {
    await registry.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) console.table(await benchCli());
