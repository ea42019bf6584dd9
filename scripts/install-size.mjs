// What an installation brings: packages, bytes, and the time to import it, as a table. `--write` keeps the table in
// docs/install-size.md. Needs a build; `npm run install-size` does both.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inTurn, median, time } from "../bench/measure.mjs";
import { installPackages, packPackages } from "./packed-packages.mjs";

const execute = promisify(execFile);
const page = join(import.meta.dirname, "..", "docs", "install-size.md");
const rounds = 15;

/** What people install together, and what they then import. */
const installations = [
  { names: ["@imagespec/core"], imports: ["@imagespec/core"] },
  { names: ["@imagespec/core", "@imagespec/docker"], imports: ["@imagespec/core", "@imagespec/docker"] },
  {
    names: ["@imagespec/core", "@imagespec/docker", "@imagespec/registry"],
    imports: ["@imagespec/core", "@imagespec/docker", "@imagespec/registry"],
  },
  { names: ["@imagespec/core", "@imagespec/envd"], imports: ["@imagespec/core", "@imagespec/envd"] },
  { names: ["@imagespec/core", "@imagespec/union"], imports: ["@imagespec/core", "@imagespec/union"] },
  { names: ["imagespec"], imports: ["imagespec"] },
  { names: ["imagespec", "@imagespec/envd", "@imagespec/union"], imports: ["imagespec"] },
];

async function bytesBelow(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function installedPackages(folder) {
  const { packages } = JSON.parse(await readFile(join(folder, "node_modules", ".package-lock.json"), "utf8"));
  return Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ""));
}

/** Seconds of a process that does nothing, and of one that imports. */
async function importTimes(folder, imports) {
  // Reading its value takes Node 20 longer than anything that is measured.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const code = imports.map((name) => `import ${JSON.stringify(name)};`).join("");
  const node = (...args) => time(() => execute(process.execPath, args, { cwd: folder, env }));
  const results = await inTurn(
    rounds,
    () => node("--eval", "0"),
    () => node("--input-type=module", "--eval", code),
  );
  return results.map(median);
}

async function measure({ names, imports }, { scratch, tarballs }) {
  const folder = await mkdtemp(join(scratch, "project-"));
  await installPackages(folder, { names, tarballs });
  const packages = await installedPackages(folder);
  const bytes = await bytesBelow(join(folder, "node_modules"));
  const times = await importTimes(folder, imports);
  return {
    installed: names.join(" "),
    packages: packages.length,
    "of us": packages.filter((name) => tarballs.has(name)).join(" "),
    MB: (bytes / 1e6).toFixed(1),
    "import, × node -e 0": (times[1] / times[0]).toFixed(2),
  };
}

async function measureAll(scratch) {
  const tarballs = await packPackages(scratch);
  const rows = [];
  for (const one of installations) rows.push(await measure(one, { scratch, tarballs }));
  return rows;
}

function table(rows) {
  const heading = Object.keys(rows[0]);
  const lines = rows.map((row) => Object.values(row));
  return [heading, heading.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

async function write(rows) {
  const text = await readFile(page, "utf8");
  const marked = /(<!-- table -->\n).*?(\n<!-- \/table -->)/s;
  const node = `Measured with Node ${process.version}.`;
  await writeFile(
    page,
    text.replace(marked, (_, begin, end) => `${begin}${table(rows)}\n\n${node}${end}`),
  );
}

const scratch = await mkdtemp(join(tmpdir(), "imagespec-size-"));
try {
  const rows = await measureAll(scratch);
  console.log(table(rows));
  if (process.argv.includes("--write")) await write(rows);
} finally {
  await rm(scratch, { recursive: true });
}
