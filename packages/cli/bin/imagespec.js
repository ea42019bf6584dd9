#!/usr/bin/env node
"use strict";
// Every Node that is not very old can read this file, so nothing newer than ES2018 is written here.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`error[NODE_TOO_OLD] imagespec needs Node 20.19 or newer, this is ${process.version}`);
  console.error("  hint: install a newer one; to try it: npx -p node@22 -p imagespec imagespec --help");
  process.exit(2);
}

// Runs the bundled command with a code cache: V8 then neither parses nor compiles again what earlier runs used, which is
// most of the time that a short command takes. Each command of the line has a cache of its own, so that none holds more
// than it needs. Whatever is wrong with a cache costs time and nothing else.
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const bundle = path.join(__dirname, "..", "dist", "command", "/");
/** Milliseconds after which a cache that was left behind, as by another version, is removed. */
const outdated = 30 * 24 * 3600 * 1000;

// Cached code has lost what its own import() needs; this file is never cached.
globalThis[Symbol.for("imagespec.import")] = (url) => import(url);

const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;

/**
 * The files of the bundle, each evaluated once. Their names hold the digest of their content, so code that was cached
 * under a name belongs to what the file holds: V8 itself compares lengths alone.
 */
class Bundle {
  constructor(cached) {
    this.cached = cached;
    this.scripts = new Map();
    this.modules = new Map();
    this.isStale = false;
  }

  compile(name) {
    const filename = bundle + name;
    const cachedData = this.cached.get(name);
    const source = fs.readFileSync(filename, "latin1");
    const script = new vm.Script(source, { filename, cachedData, importModuleDynamically });
    this.scripts.set(name, script);
    if (cachedData === undefined || script.cachedDataRejected) this.isStale = true;
    return script.runInThisContext();
  }

  load(name) {
    const known = this.modules.get(name);
    if (known) return known.exports;
    const module = { exports: {} };
    this.modules.set(name, module);
    const requireAny = (id) => (id.startsWith("./") ? this.load(id.slice(2)) : require(id));
    const evaluate = this.compile(name);
    evaluate.call(module.exports, module.exports, requireAny, module, bundle + name, bundle);
    return module.exports;
  }
}

function cacheFile(entry) {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  const { XDG_CACHE_HOME: given, HOME: home } = process.env;
  const base = given && path.isAbsolute(given) ? given : home && path.join(home, ".cache");
  if (!base) return undefined;
  const [command] = /^[a-z-]{1,20}$/.exec(process.argv[2]) || ["other"];
  const name = `${entry}-${process.version}-${process.arch}-${command}`;
  return path.join(base, "imagespec", "code", name);
}

/** Code of anybody else's is not run. */
function isOwn({ uid, mode }) {
  return uid === process.getuid() && (mode & 0o022) === 0;
}

/** A cache file is a line of JSON, `[[name, bytes], …]`, and the cached code one after the other. */
function parseCache(bytes) {
  const end = bytes.indexOf("\n");
  let offset = end + 1;
  const parts = JSON.parse(bytes.toString("latin1", 0, end)).map(([name, length]) => {
    const part = bytes.subarray(offset, offset + length);
    offset += length;
    return [name, part];
  });
  return new Map(parts);
}

function readCache(file) {
  try {
    const isSafe = isOwn(fs.lstatSync(path.dirname(file))) && isOwn(fs.lstatSync(file));
    return isSafe ? parseCache(fs.readFileSync(file)) : new Map();
  } catch (_) {
    return new Map();
  }
}

function removeOutdated(folder) {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    if (Date.now() - fs.statSync(file).mtimeMs > outdated) fs.rmSync(file);
  }
}

function writeCache(file, scripts) {
  try {
    const folder = path.dirname(file);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOwn(fs.lstatSync(folder))) return;
    removeOutdated(folder);
    const parts = [...scripts].map(([name, script]) => [name, script.createCachedData()]);
    const head = JSON.stringify(parts.map(([name, { length }]) => [name, length]));
    const draft = `${file}.${process.pid}`;
    const bytes = Buffer.concat([Buffer.from(`${head}\n`), ...parts.map(([, data]) => data)]);
    fs.writeFileSync(draft, bytes, { mode: 0o600, flag: "wx" });
    fs.renameSync(draft, file);
  } catch (_) {
    // A home that cannot be written to has no cache.
  }
}

async function run() {
  const entry = fs.readFileSync(`${bundle}entry`, "utf8");
  const file = cacheFile(entry);
  const loaded = new Bundle(file === undefined ? new Map() : readCache(file));
  const exitCode = await loaded.load(entry).main(process.argv.slice(2));
  if (file !== undefined && loaded.isStale) writeCache(file, loaded.scripts);
  process.exit(exitCode);
}

run();
