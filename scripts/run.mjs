#!/usr/bin/env node
// The root's commands: `npm run build`, `npm test` and so on end here. They need Node and npm alone: pnpm comes by
// npx, and everything else by pnpm.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeFailures } from "./failures.mjs";
import { lastReports, readTotals, resultsFolder } from "./totals.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const installed = join(root, "node_modules", ".imagespec-installed");
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Tools that would call home are told not to. */
const quiet = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" };

/**
 * Runs a program at the root to its end and tells whether it succeeded; a terminal's Ctrl-C reaches it by itself.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import("node:child_process").StdioOptions} stdio
 */
function run(program, args, stdio = "inherit") {
  const child = spawn(program, args, { cwd: root, stdio, env: { ...process.env, ...quiet } });
  const forward = (signal) => child.kill(signal);
  process.on("SIGTERM", forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      process.off("SIGTERM", forward);
      resolve(code === 0);
    });
  });
}

const pnpm = (...args) => run("npx", ["--yes", "--loglevel=error", packageManager, ...args]);

const toolPath = (name) => join(root, "node_modules", ".bin", name);

const tool = (name, ...args) => run(toolPath(name), args);

const script = (...args) => run(process.execPath, args);

// Turbo looks for the package manager in PATH, where npx puts it.
const turbo = (task) => pnpm("exec", "turbo", "run", task, "--output-logs=new-only");

/** What decides what is installed. */
function installInputs() {
  const folders = ["packages", "examples"].map((name) => join(root, name)).filter((path) => existsSync(path));
  const members = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const manifests = [root, ...members.sort()].map((folder) => join(folder, "package.json"));
  const others = ["pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc"].map((name) => join(root, name));
  return [...manifests, ...others].filter((file) => existsSync(file));
}

function installDigest() {
  const hash = createHash("sha256").update(process.version);
  for (const file of installInputs()) hash.update(file).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

async function install() {
  const digest = installDigest();
  if (existsSync(installed) && readFileSync(installed, "utf8") === digest) return true;
  if (!(await pnpm("install", "--frozen-lockfile"))) return false;
  writeFileSync(installed, digest);
  return true;
}

const build = async () => (await install()) && (await turbo("build"));
const lint = () => tool("biome", "check", "--error-on-warnings");
const typecheck = async () => (await turbo("typecheck")) && (await tool("tsc", "-p", "scripts"));

/**
 * The projects of vitest, in two runs beside each other: end-to-end tests wait for engines most of the time. Each run
 * has an engine of its own.
 */
const runs = [["e2e"], ["unit", "types", "union", "packages", "engines"]];

async function vitest(name, args, stdio) {
  const file = join(resultsFolder, `${name}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const succeeded = await run(toolPath("vitest"), ["run", ...reporters, ...args], stdio);
  return succeeded && readTotals(file).success;
}

/** What it prints is kept until it has ended. */
async function vitestBeside(name, args) {
  const log = join(resultsFolder, `${name}.log`);
  const output = openSync(log, "w");
  const succeeded = await vitest(name, args, ["ignore", output, output]);
  closeSync(output);
  return { succeeded, print: () => process.stdout.write(readFileSync(log)) };
}

async function tests(args) {
  rmSync(resultsFolder, { recursive: true, force: true });
  mkdirSync(resultsFolder, { recursive: true });
  if (args.length > 0) return vitest("named", args);
  const [first, ...others] = runs.map((projects) => projects.flatMap((project) => ["--project", project]));
  const beside = others.map((projects, index) => vitestBeside(`beside-${index}`, projects));
  const succeeded = await vitest("first", first);
  const ended = await Promise.all(beside);
  for (const { print } of ended) print();
  return succeeded && ended.every((other) => other.succeeded);
}

/** Every check, even after one that failed. */
async function test(args) {
  rmSync(resultsFolder, { recursive: true, force: true });
  if (!(await build())) return false;
  const outcome = { lint: await lint(), typecheck: await typecheck(), tests: await tests(args) };
  const failures = Object.entries(outcome).filter(([, succeeded]) => !succeeded);
  for (const line of describeFailures(lastReports())) console.error(line);
  for (const [name] of failures) console.error(`${name}: failed`);
  return failures.length === 0;
}

const jobs = {
  build,
  test,
  lint: async () => (await install()) && (await lint()),
  typecheck: async () => (await install()) && (await typecheck()),
  format: async (args) => (await install()) && (await tool("biome", "check", "--write", ...args)),
  demo: async (args) => (await build()) && (await script("scripts/demo.mjs", ...args)),
  registry: async (args) => (await install()) && (await script("scripts/serve-registry.mjs", ...args)),
  bench: async (args) => (await build()) && (await script("bench/run.mjs", ...args)),
  "install-size": async (args) => (await build()) && (await script("scripts/install-size.mjs", ...args)),
  release: async (args) => (await build()) && (await script("scripts/release.mjs", ...args)),
};

const [name = "", ...args] = process.argv.slice(2);
const job = Object.hasOwn(jobs, name) ? jobs[name] : undefined;
if (job === undefined) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(jobs).join("|")}`);
  process.exit(2);
}
// The child has the terminal: it decides what Ctrl-C means, and this waits until it has cleaned up.
process.on("SIGINT", () => {});
process.exitCode = (await job(args)) ? 0 : 1;
