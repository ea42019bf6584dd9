// `npm run demo`: the spec in examples/demo goes the whole way, through the `imagespec` command, a real engine and a
// real registry.
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { openWorkbench } from "@imagespec/test-services";

const root = fileURLToPath(new URL("..", import.meta.url));
const command = join("node_modules", ".bin", "imagespec");
const spec = join("examples", "demo", "image.yaml");
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

function say(title, ...lines) {
  console.log(`\n${title}`);
  for (const line of lines) console.log(`  ${line}`);
}

/** Runs the command with `--json`; its progress goes to this terminal. */
async function imagespec(args, dockerHost) {
  console.log(`  $ imagespec ${args.join(" ")}`);
  const env = dockerHost === undefined ? process.env : { ...process.env, DOCKER_HOST: dockerHost };
  const started = performance.now();
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  const output = await text(child.stdout);
  const status = await new Promise((resolve) => child.on("close", resolve));
  if (status !== 0) throw new Error(`imagespec ended with exit code ${status}`);
  return { image: JSON.parse(output).images[0], elapsed: performance.now() - started };
}

/** A config that names the base for specs without one. */
async function baseArguments(directory, substitute) {
  if (substitute === undefined) return [];
  const config = join(directory, "imagespec.config.mjs");
  await writeFile(
    config,
    `export default ${JSON.stringify({ defaults: { baseImage: substitute.baseImage } })};\n`,
  );
  return ["--config", config];
}

async function runOnce(client, reference) {
  const output = new PassThrough();
  const [{ StatusCode: status }] = await client.run(reference, [], output, {
    Tty: true,
    HostConfig: { AutoRemove: true },
  });
  if (status !== 0) throw new Error(`the container ended with exit code ${status}`);
  return (await text(output.end())).trimEnd().split(/\r?\n/);
}

/** What the registry itself answers for a tag. */
async function askRegistry(reference) {
  const [, host, repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(reference) ?? [];
  const accept = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
  ];
  const url = `http://${host}/v2/${repository}/manifests/${tag}`;
  const answer = await fetch(url, { method: "HEAD", headers: { accept: accept.join(", ") } });
  return answer.headers.get("docker-content-digest");
}

function expectEqual(what, actual, expected) {
  if (actual !== expected) throw new Error(`${what}: ${actual}, and not ${expected}`);
}

async function demonstrate({ engine, registry, substitute }, directory) {
  const base = await baseArguments(directory, substitute);
  const args = ["build", spec, "--paths-from", "spec", ...base, "--registry", `${registry}/demo`, "--json"];

  say("Build and push");
  const first = await imagespec(args, engine.dockerHost);
  expectEqual("the first answer", first.image.status, "built");
  expectEqual("the registry's digest", await askRegistry(first.image.reference), first.image.digest);

  say("Run it once", ...(await runOnce(engine.client, first.image.reference)));

  say("Ask again");
  const second = await imagespec(args, engine.dockerHost);
  expectEqual("the second answer", second.image.status, "present");
  expectEqual("its digest", second.image.digest, first.image.digest);

  say(
    "Done",
    `image   ${first.image.reference}`,
    `digest  ${first.image.digest}, as the registry says too`,
    `first   ${seconds(first.elapsed)}: built and pushed`,
    `second  ${seconds(second.elapsed)}: present, nothing built`,
  );
  if (engine.dockerHost === undefined) await engine.client.getImage(first.image.reference).remove();
}

async function main() {
  say("Prepare");
  const directory = await mkdtemp(join(tmpdir(), "imagespec-demo-"));
  const workbench = await openWorkbench();
  const cleanUp = async () => {
    await workbench.close();
    await rm(directory, { recursive: true, force: true });
  };
  process.once("SIGINT", () => cleanUp().finally(() => process.exit(130)));
  const { engine, registry, substitute } = workbench;
  console.log(
    `  engine    Docker ${engine.version}, ${engine.dockerHost === undefined ? "yours" : "a private one"}`,
  );
  console.log(`  registry  ${registry}`);
  if (substitute !== undefined)
    console.log(`  base      ${substitute.baseImage}, made here: ${substitute.reason}`);
  try {
    await demonstrate(workbench, directory);
  } finally {
    await cleanUp();
  }
}

main().catch((error) => {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
