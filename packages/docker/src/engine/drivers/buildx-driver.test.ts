import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageSpecError } from "@imagespec/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { buildRequest } from "../../../test/support/build-request.ts";
import { handwritten } from "../../../test/support/handwritten.ts";
import type { DockerOptions } from "../../options.ts";
import { runBuild } from "../run-build.ts";

/** A buildx that knows a builder and bases, writes down how it is to build, and fails. */
const standIn = (words: string) => `#!/bin/sh
[ "$1" != buildx ] || shift
case $1 in
version) echo 'github.com/docker/buildx v0.13.1' ;;
inspect) printf 'Name: team\\nDriver: remote\\n\\nNodes:\\nName: team0\\nStatus: running\\nPlatforms: linux/amd64\\n' ;;
imagetools) echo '{"os":"linux","architecture":"amd64","config":{}}' ;;
build) shift; for word; do echo "$word"; done >'${words}'; cat >/dev/null; echo 'ERROR: no more than that' >&2; exit 1 ;;
esac
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "imagespec-test-"));
  await writeFile(join(folder, "docker"), standIn(join(folder, "words")));
  await chmod(join(folder, "docker"), 0o755);
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  vi.stubEnv("DOCKER_HOST", "unix:///nowhere/docker.sock");
  vi.stubEnv("DOCKER_CONFIG", folder);
  vi.stubEnv("IMAGESPEC_ENGINE", "buildx");
  vi.stubEnv("ACTIONS_RUNTIME_TOKEN", "");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** The options of buildx that such options of ours become. */
async function wordsFor(options: DockerOptions): Promise<readonly string[]> {
  const { request } = buildRequest({ options, destination: "registry", reference: "registry.example/a/b:1" });
  const error = await runBuild(request, handwritten(["FROM base"])).catch((fault: unknown) => fault);
  const words = await readFile(join(folder, "words"), "utf8").catch(() => undefined);
  if (words === undefined) throw error as ImageSpecError;
  return words.split("\n").filter((word) => /cache|type=|sbom|provenance/.test(word));
}

test("caches and attestations are those of buildx", async () => {
  vi.stubEnv("ACTIONS_RUNTIME_TOKEN", "token");
  const cacheTo = [
    { type: "local", dest: "out", mode: "max" },
    { type: "gha", scope: "main" },
  ] as const;
  const cacheFrom = [{ type: "local", src: "in" }, { type: "gha" }] as const;
  const words = await wordsFor({ cacheTo, cacheFrom, attest: { sbom: true, provenance: "max" } });
  expect(words).toMatchInlineSnapshot(`
    [
      "--sbom=true",
      "--provenance=mode=max",
      "type=image,"name=registry.example/a/b:1",push=true",
      "--cache-from",
      "type=local,src=in",
      "--cache-from",
      "type=gha",
      "--cache-to",
      "type=local,dest=out,mode=max",
      "--cache-to",
      "type=gha,scope=main",
    ]
  `);
});

test("an SBOM is made by the scanner that is named", async () => {
  const generator = "mirror.example.com/docker/buildkit-syft-scanner:1";
  expect(await wordsFor({ attest: { sbom: { generator } } })).toContain(`--sbom=generator=${generator}`);
});

test("no attestations unless they are asked for", async () => {
  expect(await wordsFor({})).toMatchInlineSnapshot(`
    [
      "--sbom=false",
      "--provenance=false",
      "type=image,"name=registry.example/a/b:1",push=true",
    ]
  `);
});

test("GitHub's cache is refused elsewhere", async () => {
  await expect(wordsFor({ cacheTo: [{ type: "gha" }] })).rejects.toMatchObject({
    code: "ENGINE_OPTION_UNSUPPORTED",
    message: expect.stringContaining("gha is there in GitHub's actions alone"),
    details: { field: "builderOptions.docker.cacheTo" },
  });
});
