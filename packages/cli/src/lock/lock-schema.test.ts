import { formatLock, parseLock } from "@imagespec/core";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import schema from "../../schema/imagespec.lock.schema.json" with { type: "json" };

const isValid = new Ajv2020({ strict: true }).compile(schema);

function isRead(document: unknown): boolean {
  try {
    parseLock(JSON.stringify(document), "lock");
    return true;
  } catch {
    return false;
  }
}

const digest = `sha256:${"a".repeat(64)}`;
const name = "registry.example:5000/org/base:1.0";
const image = {
  digest,
  mediaType: "application/vnd.oci.image.index.v1+json",
  platforms: { "linux/amd64": digest },
};
const good = { version: 1, recipe: 1, tools: { docker: { uv: "0.13.8" } }, images: { [name]: image } };
const withImage = (change: object): object => ({ ...good, images: { [name]: { ...image, ...change } } });

/** The schema says what editors mark; the command must not think otherwise. */
describe("the published schema and the command agree on", () => {
  test.each<[string, unknown, boolean]>([
    ["a lock", good, true],
    ["nothing locked", { ...good, tools: {}, images: {} }, true],
    ["an image without its type", withImage({ mediaType: undefined }), true],
    ["sha512", withImage({ digest: `sha512:${"b".repeat(128)}` }), true],
    ["a variant", withImage({ platforms: { "linux/arm/v7": digest } }), true],
    ["another version", { ...good, version: 2 }, false],
    ["no version", { ...good, version: undefined }, false],
    ["no recipe", { ...good, recipe: undefined }, false],
    ["half a recipe", { ...good, recipe: 1.5 }, false],
    ["no tools", { ...good, tools: undefined }, false],
    ["a list of images", { ...good, images: [] }, false],
    ["one field more", { ...good, more: 1 }, false],
    ["a builder's name", { ...good, tools: { "a/b": {} } }, false],
    ["a tool's version", { ...good, tools: { docker: { uv: "" } } }, false],
    ["a short digest", withImage({ digest: "sha256:a" }), false],
    ["no platform", withImage({ platforms: {} }), false],
    ["a platform's form", withImage({ platforms: { amd64: digest } }), false],
    ["a platform's digest", withImage({ platforms: { "linux/amd64": "latest" } }), false],
    ["a name without a tag", { ...good, images: { "registry.example/base": image } }, false],
    ["a name with a digest", { ...good, images: { [`${name}@${digest}`]: image } }, false],
    ["a name in capitals", { ...good, images: { "registry.example/Base:1": image } }, false],
    ["a name with a blank", { ...good, images: { "registry.example/ base:1": image } }, false],
  ])("%s", (_, document, valid) => {
    const plain: unknown = JSON.parse(JSON.stringify(document));
    expect([isRead(plain), isValid(plain)]).toEqual([valid, valid]);
  });
});

test("whatever the command writes, the schema allows", () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const locked = fc.record({
    digest: fc.constant(digest),
    platforms: fc.constant(new Map([["linux/s390x", digest]])),
  });
  const names = fc.tuple(part, part, fc.stringMatching(/^\w[\w.-]{0,20}$/));
  fc.assert(
    fc.property(fc.dictionary(part, part), fc.array(fc.tuple(names, locked)), (versions, entries) => {
      const images = new Map(entries.map(([[a, b, tag], one]) => [`${a}.example/${b}:${tag}`, one]));
      const tools = new Map([["docker", new Map(Object.entries(versions))]]);
      const text = formatLock({ recipe: 1, tools, images });
      expect(isValid(JSON.parse(text)), JSON.stringify(isValid.errors)).toBe(true);
      expect(isRead(JSON.parse(text))).toBe(true);
    }),
  );
});
