// Serves the in-memory registry of @imagespec/registry/testing until it is interrupted, built from the sources as
// they are.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "tsup";

const usage = `npm run registry -- [--port N]

Serves an empty container registry on 127.0.0.1 that keeps everything in memory and asks for no login.

  --port N   the port; without it, a free one
  --help     this text`;

const requireForBundledPackages =
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

const root = fileURLToPath(new URL("..", import.meta.url));

async function loadTesting() {
  const outDir = await mkdtemp(join(tmpdir(), "imagespec-registry-"));
  try {
    await bundle(outDir);
    return await import(pathToFileURL(join(outDir, "testing.js")).href);
  } finally {
    await rm(outDir, { recursive: true });
  }
}

async function bundle(outDir) {
  await build({
    entry: { testing: join(root, "packages/registry/src/testing/index.ts") },
    outDir,
    config: false,
    format: "esm",
    target: "node20",
    platform: "node",
    noExternal: [/.*/],
    silent: true,
    esbuildOptions(options) {
      options.conditions = ["@imagespec/source"];
      options.banner = { js: requireForBundledPackages };
    },
  });
}

function readPort(text) {
  const port = Number(text);
  if (/^[0-9]+$/.test(text) && port <= 65_535) return port;
  throw new Error(`--port ${text}: not a port\n\n${usage}`);
}

async function serve(port) {
  const { startRegistry } = await loadTesting();
  const registry = await startRegistry({ port });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => registry.close());
  console.log(`registry: ${registry.url}`);
}

try {
  const { values } = parseArgs({
    options: { port: { type: "string", default: "0" }, help: { type: "boolean", default: false } },
  });
  if (values.help) console.log(usage);
  else await serve(readPort(values.port));
} catch (error) {
  console.error([error.message ?? error, error.details?.hint].filter(Boolean).join("\n"));
  process.exitCode = 2;
}
