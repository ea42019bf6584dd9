import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { defineConfig, type Plugin } from "rolldown";
import { bundledLicences, NOTICES_FILE } from "../../bundled-licences.ts";

const require = createRequire(import.meta.url);

/** Parts of Node that take long to load and that most runs of the command do without. */
const lazyBuiltins = [
  "child_process",
  "crypto",
  "dns",
  "dns/promises",
  "fs/promises",
  "http",
  "https",
  "net",
  "os",
  "timers/promises",
  "tls",
  "tty",
  "worker_threads",
];
const marker = "\0lazy:";
const hashModule = join(import.meta.dirname, "src", "bundle", "create-hash.ts");

function lazyGetters(name: string, except: readonly string[]): readonly string[] {
  return Object.keys(require(`node:${name}`))
    .filter((key) => !except.includes(key))
    .map((key) => `get ${JSON.stringify(key)}() { return require("node:${name}")[${JSON.stringify(key)}]; }`);
}

function lazyModule(name: string): string {
  if (name !== "crypto") return `module.exports = { ${lazyGetters(name, []).join(", ")} };`;
  const factory = `require(${JSON.stringify(hashModule)}).frugalHashFactory`;
  const createHash = `createHash: ${factory}((algorithm) => require("node:crypto").createHash(algorithm))`;
  return `module.exports = { ${[createHash, ...lazyGetters(name, ["createHash"])].join(", ")} };`;
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

/** Writes the name of the file to start with, for whoever does not know its digest. */
const nameEntryPlugin: Plugin = {
  name: "name-entry",
  generateBundle(_, bundle) {
    const entry = Object.values(bundle).find((file) => file.type === "chunk" && file.isEntry);
    this.emitFile({ type: "asset", fileName: "entry", source: entry?.fileName ?? "" });
  },
};

/** The code in ASCII, which V8 holds in half the memory and Node reads without decoding it. */
const asciiPlugin: Plugin = {
  name: "ascii",
  generateBundle(_, bundle) {
    const spell = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    for (const file of Object.values(bundle)) {
      if (file.type === "chunk") file.code = file.code.replace(/[^\0-\x7f]/g, spell);
    }
  },
};

/** The licences of what is in the bundle stand beside it. */
const licencesPlugin: Plugin = {
  name: "licences",
  generateBundle(_, bundle) {
    const files = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
    this.emitFile({ type: "asset", fileName: NOTICES_FILE, source: bundledLicences(files) ?? "" });
  },
};

/** What `yaml` gives to bundlers: the same code as ES modules, of which the unused part can be left out. */
const yamlModules = join(dirname(require.resolve("yaml/package.json")), "browser", "index.js");

/**
 * The command: CommonJS, for on Node 20 a code cache works on nothing else, in files that are loaded when they are
 * needed. Each is the function that `bin/imagespec.js` calls. Engine clients and their kin stay packages.
 */
export default defineConfig({
  input: { imagespec: "src/main.ts" },
  platform: "node",
  resolve: {
    conditionNames: ["@imagespec/source", "node", "import", "module", "default"],
    alias: { yaml: yamlModules },
  },
  external: ["docker-modem", "jiti", "undici"],
  plugins: [lazyBuiltinsPlugin, asciiPlugin, nameEntryPlugin, licencesPlugin],
  transform: { target: "node20" },
  output: {
    dir: "dist/command",
    cleanDir: true,
    format: "cjs",
    // Code that V8 took from a cache cannot import.
    dynamicImportInCjs: false,
    // Each file costs a short command a moment, and code that it does not run costs it next to none: what most
    // commands have in common is one file.
    codeSplitting: { groups: [{ name: "common", minShareCount: 5 }] },
    entryFileNames: "[name]-[hash].cjs",
    chunkFileNames: "[name]-[hash].cjs",
    banner: `(function (exports, require, module, __filename, __dirname) { "use strict";`,
    footer: "})",
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
});
