import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ImageSpec } from "./image-spec.ts";
import { imageSpecFields, imageSpecSchema, isImageSpec } from "./image-spec-schema.ts";
import { parseImageSpec } from "./parse-image-spec.ts";

const texts = fc.oneof(
  fc.constantFrom("", "a", "3.12", "3", "/work", "work", "a=b", "\0", "\ud800", "docker", "Docker", "auto"),
  fc.string({ unit: "binary", maxLength: 5 }),
);
const scalars = fc.oneof(texts, fc.boolean(), fc.integer(), fc.constantFrom(null, undefined));
const lists = fc.array(fc.oneof(texts, fc.array(texts, { maxLength: 3 }), scalars), { maxLength: 3 });
const pairs = fc.record({ from: scalars, to: scalars, other: scalars }, { requiredKeys: [] });
const records = fc.dictionary(
  texts,
  fc.oneof(texts, scalars, fc.dictionary(texts, scalars, { maxKeys: 2 })),
  {
    maxKeys: 3,
  },
);
const values = fc.oneof(texts, scalars, lists, pairs, records, fc.array(pairs, { maxLength: 2 }));

const specs = fc.letrec<{ spec: Record<string, unknown> }>((tie) => ({
  spec: fc.dictionary(
    fc.oneof({ arbitrary: fc.constantFrom<string>(...imageSpecFields), weight: 20 }, fc.string()),
    fc.oneof({ arbitrary: values, weight: 9 }, tie("spec")),
    { maxKeys: 3 },
  ),
})).spec;

test("what is accepted at once is what the schema takes, as it is", () => {
  fc.assert(
    fc.property(specs, (spec) => {
      fc.pre(!JSON.stringify(spec).includes("__proto__"));
      const parsed = imageSpecSchema().safeParse(spec);
      expect([spec, isImageSpec(spec)]).toEqual([spec, parsed.success]);
      if (parsed.success) expect(parsed.data).toEqual(spec);
    }),
    { numRuns: 3000 },
  );
});

test("each field takes something, and not everything", () => {
  const samples = ["a", "3.12", "/a", ["a"], { a: "b" }, [["a", "b"]], true, "auto", { a: { b: 1 } }];
  const taken = (name: string): unknown[] => samples.filter((value) => isImageSpec({ [name]: value }));
  for (const name of imageSpecFields) {
    expect([name, taken(name).length > 0, taken(name).length < samples.length]).toEqual([name, true, true]);
  }
});

test("an entry called __proto__ is left to the schema, which leaves it out", () => {
  const spec: ImageSpec = JSON.parse('{"env":{"__proto__":"a","B":"c"}}');
  expect(isImageSpec(spec)).toBe(false);
  expect(Object.keys(parseImageSpec(spec).env ?? {})).toEqual(["B"]);
});

test.each([
  ["an instance of a class", { env: new Map([["a", "b"]]) }],
  ["a key that is a symbol", { env: { [Symbol("a")]: "b" } }],
  ["a hole", { packages: new Array(1) }],
])("%s is no value of JSON", (_, spec) => {
  expect(isImageSpec(spec)).toBe(false);
});

test("a spec is a copy of what it was parsed from", () => {
  const packages = ["a"];
  const env = { A: "b" };
  const spec: ImageSpec = parseImageSpec({ packages, env });
  packages.push("b");
  env.A = "c";
  expect(spec).toEqual({ packages: ["a"], env: { A: "b" } });
});
