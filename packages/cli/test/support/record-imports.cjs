// Preloaded by a test: writes down what a process loads, as it ends.
"use strict";
const { writeFileSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

const packages = new Set();
const chunks = {};

const load = Module._load;
Module._load = function (request, ...rest) {
  if (!/^(node:|[./])/.test(request) && !Module.isBuiltin(request)) packages.add(request);
  return Reflect.apply(load, this, [request, ...rest]);
};

const { Script } = vm;
vm.Script = class extends Script {
  constructor(source, options) {
    super(source, options);
    const name = path.basename(options.filename).replace(/-[\w-]{8}\.cjs$/, "");
    chunks[name] = (chunks[name] ?? 0) + source.length;
  }
};

process.on("exit", () => {
  const builtins = process.moduleLoadList.map((name) => name.replace(/^NativeModule /, ""));
  writeFileSync(process.env.IMPORTS_FILE, JSON.stringify({ packages: [...packages], chunks, builtins }));
});
