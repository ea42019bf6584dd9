// Reads `[{ id, directory, spec }]` from standard input and prints the tag of each, through the built package.
import { text } from "node:stream/consumers";
import { fingerprint, resolvePlan } from "@imagespec/core";

const tags = {};
for (const { id, directory, spec } of JSON.parse(await text(process.stdin))) {
  tags[id] = fingerprint(await resolvePlan(spec, { cwd: directory, hostPlatform: "linux/amd64" }));
}
process.stdout.write(JSON.stringify(tags));
