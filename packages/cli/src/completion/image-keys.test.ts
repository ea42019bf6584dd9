import { expect, test } from "vitest";
import { imageKeys } from "./image-keys.ts";

test.each<[string, string, readonly string[]]>([
  [
    "a record",
    'export default { images: { api: { packages: ["x"] }, "web-ui": {}, worker } };',
    ["api", "web-ui", "worker"],
  ],
  ["nothing but other fields", "export default { defaults: { images: 1 }, registries: {} };", []],
  ["a list", "export default { images: [{ name: 'a' }] };", []],
  ["a record made elsewhere", "export default { images: make({ a: {} }) };", []],
  ["comments", "images: { // b: {},\n /* c: {}, */ a: {}, }", ["a"]],
  ["strings with braces", "images: { a: { commands: ['}', \"},x:\", `}, y: ${1}`] }, b: {} }", ["a", "b"]],
  [
    "nested records",
    "images: { a: { env: { C: '1' }, baseImage: { name: 'd' } }, e: f({ g: 1 }, { h: 2 }) }",
    ["a", "e"],
  ],
  ["spreads and computed keys", "images: { ...others, [name]: {}, a: {} }", ["a"]],
  [
    "keys that a shell would run",
    "images: { '$(touch x)': {}, '`id`': {}, 'a b': {}, '-rf': {}, ok: {} }",
    ["ok"],
  ],
  ["an end that is missing", "images: { a: { b: '", ["a"]],
  ["nothing at all", "", []],
])("%s", (_, code, keys) => {
  expect(imageKeys(code)).toEqual(keys);
});

test("an odd text of a megabyte takes no longer than reading it", () => {
  for (const part of ["/*", '"', "`", "images: {", "//", "'\\"]) {
    expect(imageKeys(part.repeat(1e6 / part.length)).length).toBeLessThan(2);
  }
});
