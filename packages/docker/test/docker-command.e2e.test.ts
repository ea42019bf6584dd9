import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { testEngine } from "./support/engine-suite.ts";
import { useSharedDocker } from "./support/engine-under-test.ts";

/** Where Debian's package has it, which is not the newer one that may be installed beside it. */
const debianFirst = `/usr/bin:${process.env.PATH}`;

describe("docker's command of 20.10", () => {
  testEngine(() => useSharedDocker("docker-cli", { PATH: debianFirst }));
});

/**
 * nerdctl itself is in no package registry. What stands in for it takes the same options, and has docker's command do
 * what they say.
 */
const standIn = `#!/bin/sh
command=$1
shift
[ "$1" != --insecure-registry ] || shift
exec env DOCKER_BUILDKIT=1 /usr/bin/docker "$command" "$@"
`;

describe("a stand-in for nerdctl", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "imagespec-nerdctl-"));
    await writeFile(join(folder, "nerdctl"), standIn);
    await chmod(join(folder, "nerdctl"), 0o755);
  });

  afterAll(() => rm(folder, { recursive: true }));

  testEngine(() => useSharedDocker("nerdctl", { PATH: `${folder}:${debianFirst}` }));
});
