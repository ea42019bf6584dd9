import { createHash } from "node:crypto";
import { type ImageSpec, resolvePlan } from "@imagespec/core";
import { describe, expect, test } from "vitest";
import { checkImageSpecMessage } from "./check-image-spec-message.ts";
import { emitImageSpecMessage, encodeImageSpecMessage } from "./emit-image-spec-message.ts";

const emit = async (spec: ImageSpec) =>
  emitImageSpecMessage(await resolvePlan({ builder: "union", ...spec }));
const check = async (spec: ImageSpec) =>
  checkImageSpecMessage(await resolvePlan({ builder: "union", ...spec }));

test("the bytes are frozen", async () => {
  const spec = {
    env: { B: "2", A: "1", C: "3" },
    aptPackages: ["git", "curl"],
    packages: ["b", "a"],
    commands: ["true"],
  };
  const bytes = encodeImageSpecMessage(await emit(spec));
  expect(createHash("sha256").update(bytes).digest("hex")).toMatchInlineSnapshot(
    `"b84a215bab13a01113ea59b17fadcc89e90b9d1300308e93a6948b144ace776f"`,
  );
});

test("the order of variables does not matter", async () => {
  const one = encodeImageSpecMessage(await emit({ env: { A: "1", B: "2" } }));
  const other = encodeImageSpecMessage(await emit({ env: { B: "2", A: "1" } }));
  expect(Buffer.compare(one, other)).toBe(0);
});

test("arguments reach the shell as they were given", async () => {
  const message = await emit({
    packages: ["a"],
    pipExtraArgs: ["--config-settings", "a b; rm -rf $HOME", "--pre"],
  });
  const layer = message.layers.find(({ layer }) => layer.case === "pipPackages")?.layer;
  expect(layer).toMatchObject({
    value: { options: { pre: true, extraArgs: "--config-settings 'a b; rm -rf $HOME'" } },
  });
});

test("a base that needs files is named, one that needs none is laid open", async () => {
  const base = { name: "base", packages: ["numpy"], baseImage: "debian:12", builder: "union" };
  expect((await emit({ baseImage: base })).baseImage).toBe("debian:12");
  const other = await emit({ baseImage: { ...base, builder: "docker", registry: "ghcr.io/org" } });
  expect(other.baseImage).toMatch(/^ghcr\.io\/org\/base:[a-z2-7]{26}$/);
});

describe("what has no counterpart", () => {
  const cases: Record<string, ImageSpec> = {
    "a patch version": { pythonVersion: "3.12.4" },
    "folders in front of a PATH that only the builder knows": { extraPath: ["/opt/x"] },
    "a file of this machine": { packages: ["a"], pipSecretMounts: [["./netrc", "/root/.netrc"]] },
    "a place for secrets that Union has not": { packages: ["a"], pipSecretMounts: [["pat", "/root/.netrc"]] },
    "a login in a URL": { packages: ["a"], pipIndex: "https://user:hunter22@index.example/simple" },
  };
  test.each(Object.entries(cases))("%s", async (_about, spec) => {
    const [issue, ...more] = await check(spec);
    expect(more).toEqual([]);
    expect(issue).toMatchObject({ severity: "error", hint: expect.any(String) });
    expect(JSON.stringify(issue)).not.toContain("hunter22");
    expect(issue).toMatchSnapshot();
  });
  test("a PATH that is given whole can be extended", async () => {
    const spec = { extraPath: ["/opt/x"], env: { PATH: "/usr/bin" } };
    expect(await check(spec)).toEqual([]);
    const [environment] = (await emit(spec)).layers;
    expect(environment?.layer).toMatchObject({ value: { envVariables: { PATH: "/opt/x:/usr/bin" } } });
  });
});
