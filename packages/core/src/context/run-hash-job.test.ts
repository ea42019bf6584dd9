import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";
import { expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";

const script = `
import { appendFileSync, truncateSync, writeFileSync } from "node:fs";
import { FileDigests } from ${JSON.stringify(fileURLToPath(new URL("./digest-files.ts", import.meta.url)))};
import { listFiles } from ${JSON.stringify(fileURLToPath(new URL("./list-files.ts", import.meta.url)))};
const base = process.argv[2];
for (const name of ["a", "b", "c"]) {
  writeFileSync(base + "/" + name, "");
  truncateSync(base + "/" + name, 20 * 1024 * 1024);
}
const rules = { excludes: () => false, prunes: () => false };
const files = (await listFiles({ base, rules })).filter((file) => file.type === "file");
const digests = await new FileDigests({ cache: false }).digest(files);
appendFileSync(base + "/b", "x");
const fault = await new FileDigests({ cache: false }).digest(files).catch((error) => error.code);
console.log(JSON.stringify([new Set(digests.values()).size, digests.size, fault]));
`;

// Workers run the text of functions: what a bundler makes of them has to stand alone.
test.each([
  ["as it is", {}],
  ["minified", { minify: true }],
  ["with names kept", { keepNames: true }],
])("workers start from a bundle of one file, %s", async (_, options) => {
  const root = makeTree({ "main.ts": script, "data/x": "" });
  const outDir = join(root, "dist");
  await build({
    entry: [join(root, "main.ts")],
    outDir,
    format: "esm",
    target: "node20",
    outExtension: () => ({ js: ".mjs" }),
    config: false,
    silent: true,
    ...options,
  });
  const argv = ["--conditions=none", join(outDir, "main.mjs"), join(root, "data")];
  const output = execFileSync(process.execPath, argv, { cwd: root, encoding: "utf8" });
  expect(JSON.parse(output)).toEqual([2, 4, "CONTEXT_CHANGED"]);
});
