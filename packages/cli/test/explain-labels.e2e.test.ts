import { publishImage } from "@imagespec/test-services";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { type Ended, ensureCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const { registry } = inject("services");
const url = `http://${registry}`;
const base = `${registry}/explain/base:1`;

beforeAll(ensureCommand);

function cwdWith(name: string): string {
  const spec = `name: ${name}
registry: ${registry}/explain
platform: linux/amd64
base_image: ${base}
source_root: src
work_directory: /app
`;
  return temporaryFolder({ "src/a.py": "a", "image.yaml": spec });
}

function explain(cwd: string, ...against: readonly string[]): Promise<Ended> {
  return runCommand(["explain", "--against", ...against], { cwd });
}

let images = 0;

describe("what an image says of itself", () => {
  async function explainAgainst(labels: Readonly<Record<string, string>>, platforms = ["linux/amd64"]) {
    const name = `label-${++images}`;
    await publishImage(url, `explain/${name}`, { tags: ["1"], platforms, labels });
    return explain(cwdWith(name), `${registry}/explain/${name}:1`);
  }

  const plan = (more: object): string =>
    JSON.stringify({
      recipe: 1,
      base: { kind: "reference", reference: base },
      platforms: ["linux/amd64"],
      workDirectory: "/app",
      steps: [],
      builderOptions: {},
      ...more,
    });

  test("is read from an index, too, and shown without what a terminal would obey", async () => {
    const steps = [{ kind: "environment", variables: { "A\u001b]0;x\u0007\u202e": "1" }, extraPath: [] }];
    const told = await explainAgainst({ "dev.imagespec.plan": plan({ steps }) }, [
      "linux/arm64",
      "linux/amd64",
    ]);
    expect(told.code).toBe(0);
    expect(told.stdout).toMatch(/^ {2}env\.A: removed$/m);
    expect(told.stdout).not.toMatch(/[\u001b\u0007\u202e]/);
  });

  test("files of which it holds a digest alone are told as such", async () => {
    const trees = [{ target: "/app", digest: "a".repeat(26) }];
    const steps = [{ kind: "files", origin: "source", trees }];
    const told = await explainAgainst({ "dev.imagespec.plan": plan({ steps }) });
    expect(told.stdout).toMatch(
      /^ {2}src: files differ; which, cannot be told: .* only their digest is known$/m,
    );
  });

  test.each([
    [{}, /^error\[IMAGE_PLAN_MISSING\] .* it has no label dev\.imagespec\.plan\n {2}hint: /],
    [{ "dev.imagespec.plan": "\u001b[31m{" }, /^error\[PLAN_UNREADABLE\] \S+: .* it is not JSON\n {2}hint: /],
    [{ "dev.imagespec.plan": "{}" }, /^error\[PLAN_UNREADABLE\] \S+: .* base is no record\n/],
    [{ "dev.imagespec.plan": " ".repeat(1_100_000) }, /^error\[PLAN_UNREADABLE\] \S+: .* 1100000 bytes\n/],
  ])("is refused where it is no plan, case %#", async (labels, expected) => {
    const { code, stdout, stderr } = await explainAgainst(labels as Readonly<Record<string, string>>);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(expected);
    expect(stderr).not.toContain("\u001b");
  });

  test("an image that is not there, and a registry that cannot be asked", async () => {
    const cwd = cwdWith("nowhere");
    const absent = await explain(cwd, `${registry}/explain/nowhere:1`, "--json");
    expect(absent).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error\[IMAGE_ABSENT\]/) });
    const unknown = await explain(cwd, "127.0.0.1:1/a:1");
    expect(unknown).toMatchObject({ code: 3, stderr: expect.stringMatching(/^error\[EXISTENCE_UNKNOWN\]/) });
  });
});
