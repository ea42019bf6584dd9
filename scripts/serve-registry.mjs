// Serves the in-memory registry of @imagespec/registry/testing until it is interrupted, built from the sources as
// they are.
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "tsup";

const usage = `npm run registry -- [--port N]

Serves an empty container registry on 127.0.0.1 that keeps everything in memory and asks for no login.

  --port N   the port; without it, a free one
  --help     this text`;

const root = fileURLToPath(new URL("..", import.meta.url));

async function loadTesting() {
  const outDir = `${root}node_modules/.cache/imagespec-registry`;
  await build({
    entry: { testing: `${root}packages/registry/src/testing/index.ts` },
    outDir,
    config: false,
    format: "esm",
    target: "node20",
    platform: "node",
    noExternal: [/.*/],
    esbuildOptions(options) {
      options.conditions = ["@imagespec/source"];
      options.banner = {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      };
    },
    silent: true,
  });
  return await import(pathToFileURL(`${outDir}/testing.js`).href);
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
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
