import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import apiExtractor from "@microsoft/api-extractor";
import { describe, expect, onTestFinished, test } from "vitest";
import { type PublicPackage, publicPackages } from "./public-packages.ts";

const { Extractor, ExtractorConfig, ExtractorLogLevel } = apiExtractor;
const packages = await publicPackages();

const compilerOptions = {
  module: "nodenext",
  target: "es2023",
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  types: ["node"],
};
const silent = { default: { logLevel: ExtractorLogLevel.None } };

/** What a package's entry gives its users, by the declarations that are published. */
async function apiReport(directory: string, declarations: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "imagespec-api-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const reportFileName = "report.api.md";
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(directory, "package.json"),
    configObject: {
      projectFolder: directory,
      newlineKind: "lf",
      mainEntryPointFilePath: declarations,
      compiler: { overrideTsconfig: { compilerOptions, files: [declarations] } },
      apiReport: { enabled: true, reportFileName, reportFolder: folder, reportTempFolder: folder },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent },
    },
  });
  Extractor.invoke(config, { localBuild: true, messageCallback: (message) => (message.handled = true) });
  return readFile(join(folder, reportFileName), "utf8");
}

/** A change of these files is a change of the public API: it is reviewed, and a changeset tells users of it. */
describe.each(packages)("the public API of $name", ({ directory, declarations }: PublicPackage) => {
  test.each(declarations)("by %s is the one in its api folder", async (path) => {
    const report = await apiReport(directory, join(directory, path));
    const name = basename(path, ".d.ts");
    await expect(report).toMatchFileSnapshot(join(directory, "api", `${name}.api.md`));
  });
});
