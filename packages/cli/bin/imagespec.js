#!/usr/bin/env node
"use strict";
// Read by every Node, however old: nothing newer than ES5 before its version is known.
var version = process.versions.node.split(".").map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  console.error("error[NODE_TOO_OLD] imagespec needs Node 20.19 or newer, this is " + process.version);
  console.error("  hint: install a newer one, for example by: npx node@22 " + process.argv[1]);
  process.exit(2);
}
require("./run.js");
