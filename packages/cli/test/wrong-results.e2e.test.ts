import { beforeAll, describe, expect, inject, test } from "vitest";
import { ensureCommand } from "./support/command.ts";
import { build, builder, type Files, installed } from "./support/third-party.ts";

const { registry, baseImages } = inject("services");

beforeAll(ensureCommand);

/** Really pushes: the image of the base, by the tag that it is asked for. It says what `result` says. */
function pushing(result: string): Files {
  const [, repository, tag] = /\/([^:]+):(.+)$/.exec(baseImages["python-nopip"]) ?? [];
  const code = `export default () => (${builder(
    "other",
    `capabilities: { multiPlatform: true }, exists: undefined,
     async build({ reference }) {
       const url = "http://${registry}/v2/${repository}/manifests/";
       const type = "application/vnd.docker.distribution.manifest.v2+json";
       const found = await fetch(url + "${tag}", { headers: { accept: type } });
       const headers = { "content-type": found.headers.get("content-type") };
       const pushed = await fetch(url + reference.split(":").at(-1), { method: "PUT", headers, body: await found.text() });
       const digest = pushed.headers.get("docker-content-digest");
       return { reference, warnings: [], ${result} };
     },`,
  )});`;
  const image = `name: ${repository?.split("/").at(-1)}\nregistry: ${registry}/${repository?.replace(/\/[^/]+$/, "")}\nbuilder: other\n`;
  return {
    ...installed("other", code),
    "image.yaml": `${image}base_image: debian@sha256:${"0".repeat(64)}\nenv: {A: ${JSON.stringify(result)}}\n`,
  };
}

describe("what a builder says that it pushed is held against the registry", () => {
  test("which has it", async () => {
    expect(await build(pushing("digest"))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/@sha256:\w{64}\n$/),
    });
  });

  test.each([
    [
      "another digest",
      `digest: "sha256:${"0".repeat(64)}"`,
      /the registry has no sha256:0{64}: \S+ is sha256:\w{64}\n/,
    ],
    ["no digest at all", 'digest: "latest"', /its digest is none: "latest"\n/],
    [
      "another name",
      `reference: "${registry}/nobody/pushed:this", digest`,
      /nobody\/pushed:this is not in the registry\n/,
    ],
  ])("which does not have %s", async (_, result, message) => {
    const { code, stdout, stderr } = await build(pushing(result));
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error\[BUILDER_RESULT\] .*the other builder says that it is done, but /m);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^ {2}hint: this is a fault of the other builder/m);
  });

  test("which lacks a platform that it said it can build", async () => {
    const files = pushing("digest");
    const image = `${files["image.yaml"]}platform: [linux/amd64, linux/arm64]\n`;
    const { code, stderr } = await build({ ...files, "image.yaml": image });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error\[BUILDER_RESULT\] .*the other builder says that it is done, but the registry has another image: platforms linux\/amd64, linux\/arm64, there .*\n/m,
    );
  });
});
