import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { defineConfig, type Plugin } from "rolldown";

const require = createRequire(import.meta.url);

/** Parts of Node that take long to load and that most runs of the command do without. */
const lazyBuiltins = ["child_process", "dns", "dns/promises", "http", "https", "net", "tls", "tty", "worker_threads"];
const marker = "\0lazy:";

function lazyModule(name: string): string {
  const getters = Object.keys(require(`node:${name}`)).map(
    (key) => `get ${JSON.stringify(key)}() { return require("node:${name}")[${JSON.stringify(key)}]; }`,
  );
  return `module.exports = { ${getters.join(", ")} };`;
}

/** Loads those parts when something of them is first used, not when a module that may use them is. */
const lazyBuiltinsPlugin: Plugin = {
  name: "lazy-builtins",
  resolveId(id, importer) {
    const name = id.replace(/^node:/, "");
    if (!lazyBuiltins.includes(name)) return null;
    return importer?.startsWith(marker) ? { id, external: true } : { id: marker + name };
  },
  load: (id) =>
    id.startsWith(marker) ? { code: lazyModule(id.slice(marker.length)), moduleType: "js" } : null,
};

/** What `yaml` gives to bundlers: the same code as ES modules, of which the unused part can be left out. */
const yamlModules = join(dirname(require.resolve("yaml/package.json")), "browser", "index.js");

/**
 * The command: CommonJS, for on Node 20 a code cache works on nothing else, in files that are loaded when they are
 * needed. Each is the function that `bin/run.js` calls. Engine clients and their kin stay packages.
 */
export default defineConfig({
  input: { imagespec: "src/main.ts" },
  platform: "node",
  resolve: { conditionNames: ["@imagespec/source", "node", "import", "module", "default"], alias: { yaml: yamlModules } },
  external: ["docker-modem", "jiti", "undici"],
  plugins: [lazyBuiltinsPlugin],
  transform: { target: "node20" },
  output: {
    dir: "dist/command",
    cleanDir: true,
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name]-[hash].cjs",
    banner: `(function (exports, require, module, __filename, __dirname) { "use strict";`,
    footer: "})",
    minify: process.env.MIN ? { compress: false, mangle: false, codegen: { removeWhitespace: true } }: false,
  },
});
