// One build through Union as a process of its own, which bench/union.bench.mjs measures: ENDPOINT FOLDER SPEC-AS-JSON.
// Prints what the build took, in milliseconds with all that is loaded for it, and the process at most, in MiB.
import { readFile } from "node:fs/promises";
import { BuilderRegistry, createEngine } from "../packages/core/dist/index.js";
import { union } from "../packages/union/dist/index.js";

const [endpoint, cwd, spec] = process.argv.slice(2);
const place = { endpoint, insecure: true, project: "proj", domain: "development" };
const engine = createEngine({ builders: new BuilderRegistry().register(union(place)), cwd });
const start = performance.now();
const [outcome] = await engine.build([JSON.parse(spec)]);
const taken = performance.now() - start;
if (outcome.error !== undefined) throw outcome.error;
// The high-water mark of this program alone: maxRSS counts what the process was before it became this program.
const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(await readFile("/proc/self/status", "utf8"));
console.log(JSON.stringify({ status: outcome.status, taken, memory: Number(kilobytes) / 1024 }));
