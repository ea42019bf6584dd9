import { ensureBuildkit } from "@imagespec/test-services";
import type { TestProject } from "vitest/node";

const here = new URL("../", import.meta.url).pathname;

/** Is a file of this package among those that the command line names, or does it name none? */
async function isWanted(project: TestProject): Promise<boolean> {
  const named = process.argv.slice(2).filter((word) => word.includes("/") && !word.startsWith("-"));
  const { testFiles } = await project.globTestFiles(named.length > 0 ? named : undefined);
  return testFiles.some((file) => file.startsWith(here));
}

/**
 * Where BuildKit has to be made, that takes minutes: it begins before all tests, so that it is there when it is asked
 * for. The test that asks is told why, should it fail.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const abort = new AbortController();
  const made = (await isWanted(project)) ? ensureBuildkit(abort.signal) : Promise.resolve();
  const settled = Promise.allSettled([made]);
  return async () => {
    abort.abort();
    await settled;
  };
}
