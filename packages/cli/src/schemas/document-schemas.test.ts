import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it, test } from "vitest";
import { documentSchema, documents } from "./document-schemas.ts";

const names = Object.keys(documents);

function validator(name: string, closed: boolean): (value: unknown) => boolean {
  const check = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    documentSchema(documents[name]!, { closed }),
  );
  return (value) => check(value);
}

describe("the published schemas", () => {
  test.each(names)("of %s is the one that is shipped; run vitest with -u to write it", async (name) => {
    const text = `${JSON.stringify(documentSchema(documents[name]!), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`../../schema/${name}.schema.json`);
  });

  test.each(names)("of %s is found by its name in the package", (name) => {
    const place = createRequire(import.meta.url).resolve(`imagespec/schema/${name}.schema.json`);
    expect(JSON.parse(readFileSync(place, "utf8"))).toEqual(documentSchema(documents[name]!));
  });

  it.each<[string, unknown]>([
    [
      "event",
      { type: "image-planned", image: "a:1", name: "a", builder: "docker", platforms: ["linux/amd64"] },
    ],
    ["event", { type: "push-end", image: "a:1", time: 1, digest: `sha256:${"a".repeat(64)}` }],
    ["error", { error: { code: "USAGE", message: "x", issues: [{ code: "A_B", message: "y", line: 3 }] } }],
    ["check-public", { reference: "a:1", verdict: "unknown", reason: "refused" }],
    ["exists", [{ reference: "a:1", verdict: "absent" }]],
    ["lock", { file: "imagespec.lock.json", upToDate: true, faults: [] }],
    ["init", { files: ["image.ts"] }],
  ])("%s takes %j, open and closed", (name, value) => {
    expect([validator(name, false)(value), validator(name, true)(value)]).toEqual([true, true]);
  });

  it("lets fields be added, which the tests of the command do not", () => {
    const more = [{ reference: "a:1", verdict: "absent", future: 1 }];
    expect([validator("exists", false)(more), validator("exists", true)(more)]).toEqual([true, false]);
  });

  it.each<[string, unknown]>([
    ["exists", [{ reference: "a:1", verdict: "perhaps" }]],
    ["event", { type: "unheard-of", image: "a:1" }],
    ["build", { images: [{ name: "a" }] }],
    ["tag", {}],
  ])("%s refuses %j", (name, value) => expect(validator(name, false)(value)).toBe(false));
});
