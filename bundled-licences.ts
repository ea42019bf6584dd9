import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Options } from "tsup";

/** Beside the code that it is about. Named otherwise, pnpm would take it for the licence of the package itself. */
export const NOTICES_FILE = "THIRD_PARTY_NOTICES.txt";

/** The folder of the package that a file of node_modules belongs to; undefined for a file of ours. */
function packageFolder(file: string): string | undefined {
  return /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(file.replace(/^[^/\\]*:(?=\/)/, ""))?.[0];
}

const noText =
  "(It comes without a text of its own. The Apache License's is the LICENSE of the package around this file.)";

function licenceText(folder: string): string {
  const name = readdirSync(folder).find((file) => /^(licen[cs]e|copying)(\.\w+)?$/i.test(file));
  return name === undefined ? noText : readFileSync(join(folder, name), "utf8");
}

function notice(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return `${name} ${version}, ${license}\n\n${licenceText(folder).trim()}\n`;
}

/** The licences of the packages that these files belong to; undefined where all are ours. */
export function bundledLicences(files: readonly string[]): string | undefined {
  const folders = new Set(files.map(packageFolder).filter((folder) => folder !== undefined));
  const notices = new Set([...folders].sort().map(notice));
  return notices.size === 0 ? undefined : [...notices].join(`\n${"-".repeat(80)}\n\n`);
}

/** Writes them to the folder of a bundle that esbuild makes. */
export const licencesPlugin: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "licences",
  setup(build) {
    build.initialOptions.metafile = true;
    build.onEnd(async ({ metafile }) => {
      const outputs = Object.values(metafile?.outputs ?? {});
      const text = bundledLicences(outputs.flatMap(({ inputs }) => Object.keys(inputs)));
      if (text === undefined) return;
      const file = join(build.initialOptions.outdir ?? "dist", NOTICES_FILE);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    });
  },
};
