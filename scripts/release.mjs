// `npm run release`: publishes each package whose version the registry does not have. For CI, after `changeset version`
// was reviewed and committed: npm signs a statement of where and from what the packages were made.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const usage = `npm run release -- [--dry-run] [--no-provenance] [--registry URL]

Packs every public package and publishes those whose version the registry does not have yet.

  --dry-run         does all of it but the upload
  --no-provenance   for registries that take no statement of provenance
  --registry URL    instead of npm's configured one
  --help            this text`;

const root = fileURLToPath(new URL("..", import.meta.url));
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const run = promisify(execFile);
const output = async (program, ...args) =>
  (await run(program, args, { cwd: root, maxBuffer: 64 << 20 })).stdout;

function refusePendingChanges() {
  const pending = readdirSync(join(root, ".changeset")).filter((name) => /^(?!README).*\.md$/.test(name));
  if (pending.length === 0) return;
  throw new Error(
    `changes have no version yet: ${pending.join(", ")}\nFirst: node_modules/.bin/changeset version`,
  );
}

/** Where this checkout's commits are published: what CI says, else the remote; undefined without either. */
async function repositoryUrl({ GITHUB_SERVER_URL, GITHUB_REPOSITORY, CI_PROJECT_URL } = process.env) {
  if (GITHUB_REPOSITORY) return `git+${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git`;
  if (CI_PROJECT_URL) return `git+${CI_PROJECT_URL}.git`;
  const remotes = await output("git", "remote", "--verbose");
  const [, url] = /^origin\thttps:\/\/(?:[^/@\s]*@)?(\S+)/m.exec(remotes) ?? [];
  return url === undefined ? undefined : `git+https://${url}`;
}

function publicManifests() {
  return readdirSync(join(root, "packages"))
    .map((name) => ({ directory: `packages/${name}`, file: join(root, "packages", name, "package.json") }))
    .map((place) => ({ ...place, text: readFileSync(place.file, "utf8") }))
    .filter(({ text }) => JSON.parse(text).private !== true);
}

/** Runs `pack` while the manifests say where they come from; a fork's packages thus never name another's repository. */
async function withRepository(url, pack) {
  const manifests = publicManifests();
  try {
    for (const { directory, file, text } of url === undefined ? [] : manifests) {
      const manifest = { ...JSON.parse(text), repository: { type: "git", url, directory } };
      writeFileSync(file, JSON.stringify(manifest, undefined, 2));
    }
    return await pack();
  } finally {
    for (const { file, text } of manifests) writeFileSync(file, text);
  }
}

/** Tarballs of all public packages, each after those that it needs. */
async function packAll(destination) {
  const pack = ["--filter", "./packages/*", "pack", "--json", "--pack-destination", destination];
  const packed = JSON.parse(await output("npx", "--yes", "--loglevel=error", packageManager, ...pack));
  const names = new Set(publicManifests().map(({ text }) => JSON.parse(text).name));
  return packed.filter(({ name }) => names.has(name));
}

async function isPublished({ name, version }, { where }) {
  const label = `${name}@${version}`;
  try {
    return (await output("npm", "view", label, "version", "--json", ...where)).trim() !== "";
  } catch (error) {
    if (/\bE404\b/.test(`${error.stdout}${error.stderr}`)) return false;
    throw new Error(`the registry does not say whether it has ${label}\n${error.stderr}`);
  }
}

async function publish({ name, version, filename }, { where, provenance, dryRun }) {
  // npm takes what stands in publishConfig unless the command line says otherwise.
  const flags = [...where, ...(provenance ? [] : ["--provenance=false"]), ...(dryRun ? ["--dry-run"] : [])];
  await output(
    "npm",
    "publish",
    filename,
    "--access=public",
    "--ignore-scripts",
    "--loglevel=error",
    ...flags,
  );
  console.log(`${dryRun ? "would go  " : "published "} ${name}@${version}`);
}

/** In order, so that nobody installs a package whose dependencies are still on their way. */
async function publishAll(packed, options) {
  const there = await Promise.all(packed.map((one) => isPublished(one, options)));
  for (const { name, version } of packed.filter((_, index) => there[index]))
    console.log(`present    ${name}@${version}`);
  const missing = packed.filter((_, index) => !there[index]);
  if (options.dryRun) return Promise.all(missing.map((one) => publish(one, options)));
  for (const one of missing) await publish(one, options);
}

async function release(options) {
  refusePendingChanges();
  const url = await repositoryUrl();
  if (options.provenance && !options.dryRun && url === undefined)
    throw new Error("provenance names a repository: run this in CI, or have a remote `origin` over https");
  const destination = mkdtempSync(join(tmpdir(), "imagespec-release-"));
  try {
    const packed = await withRepository(url, () => packAll(destination));
    await publishAll(packed, options);
  } finally {
    rmSync(destination, { recursive: true });
  }
}

try {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      "dry-run": { type: "boolean", default: false },
      provenance: { type: "boolean", default: true },
      registry: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(usage);
  else {
    const where = values.registry === undefined ? [] : [`--registry=${values.registry}`];
    await release({ where, provenance: values.provenance, dryRun: values["dry-run"] });
  }
} catch (error) {
  console.error(error.message ?? error);
  process.exitCode = 1;
}
