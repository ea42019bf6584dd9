import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf, lockedImage, lockOf, python } from "../../test/locks.ts";
import { formatLock, type ImageLock } from "./image-lock.ts";
import { parseLock } from "./parse-lock.ts";

const good = {
  version: 1,
  recipe: 1,
  tools: { docker: { uv: "0.13.8" } },
  images: { [python]: { digest: digestOf("a"), platforms: { "linux/amd64": digestOf("b") } } },
};

function fault(change: object): string {
  try {
    parseLock(JSON.stringify({ ...good, ...change }), "imagespec.lock.json");
    return "none";
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} ${message}`;
  }
}

const image = (change: object): object => ({ images: { [python]: { ...good.images[python], ...change } } });

test("what is written is read again", () => {
  const tools = new Map([["docker", new Map([["uv", "0.13.8"]])]]);
  const lock: ImageLock = { ...lockOf({ [python]: lockedImage("a", "linux/arm64", "linux/amd64") }), tools };
  expect(parseLock(formatLock(lock), "lock")).toEqual(lock);
});

test("equal locks are equal bytes, whatever their order", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 });
  fc.assert(
    fc.property(names, fc.array(fc.nat()), (given, order) => {
      const entries = given.map((name) => [`docker.io/library/${name}:1`, lockedImage("a")] as const);
      const other = [...entries].sort(([a], [b]) => (order[a.length] ?? 0) - (order[b.length] ?? 0));
      const text = formatLock(lockOf(Object.fromEntries(entries)));
      expect(formatLock(lockOf(Object.fromEntries(other.reverse())))).toBe(text);
      expect(formatLock(parseLock(text, "lock"))).toBe(text);
    }),
  );
});

test("the text of a lock", () => {
  const tools = new Map([["docker", new Map(Object.entries({ uv: "0.13.8", poetry: "2.2.1" }))]]);
  const lock = { ...lockOf({ [python]: { ...lockedImage("a"), mediaType: "x/y" } }), tools };
  expect(formatLock(lock)).toMatchInlineSnapshot(`
    "{
      "version": 1,
      "recipe": 1,
      "tools": {
        "docker": {
          "poetry": "2.2.1",
          "uv": "0.13.8"
        }
      },
      "images": {
        "docker.io/library/python:3.12-slim-bookworm": {
          "digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "mediaType": "x/y",
          "platforms": {
            "linux/amd64": "sha256:0000000000000000000000000000000000000000000000000000000000000000"
          }
        }
      }
    }
    "
  `);
});

describe("a lock is refused", () => {
  test.each<[string, object, string]>([
    ["without a version", { version: undefined }, "version: expected 1"],
    ["of a version that is text", { version: "1" }, "version: expected 1"],
    ["without images", { images: undefined }, "images: expected a record"],
    ["with a list of images", { images: [] }, "images: expected a record"],
    ["with a field of another program", { packages: {} }, 'expected no field "packages"'],
    ["with a recipe that is none", { recipe: 0 }, "recipe: expected a number from 1 on"],
    [
      "with tools of a strange builder",
      { tools: { "../x": {} } },
      "tools.../x: expected the name of a builder",
    ],
    [
      "with a prototype",
      JSON.parse('{"tools":{"__proto__":{}}}'),
      "tools.__proto__: expected the name of a builder",
    ],
    [
      "with a version that is a command",
      { tools: { docker: { uv: "$(id)" } } },
      "tools.docker.uv: expected a version",
    ],
    [
      "with a short digest",
      image({ digest: "sha256:abc" }),
      `images.${python}.digest: expected a digest such as`,
    ],
    [
      "with a digest and more",
      image({ digest: `${digestOf("a")}\nUSER 0` }),
      `images.${python}.digest: expected`,
    ],
    [
      "with a digest in capitals",
      image({ digest: digestOf("A") }),
      `images.${python}.digest: expected a digest`,
    ],
    ["without a digest", image({ digest: undefined }), `images.${python}.digest: expected a digest`],
    ["without platforms", image({ platforms: {} }), `images.${python}.platforms: expected a platform`],
    [
      "with x86",
      image({ platforms: { "linux/x86_64": digestOf("a") } }),
      "expected a platform in its normal form",
    ],
    ["with a type of its own", image({ mediaType: "text/html; x" }), "expected a media type"],
    ["with more of an image", image({ tag: "x" }), `images.${python}: expected no field "tag"`],
    ["with a short name", { images: { python: good.images[python] } }, "images.python: expected a full name"],
    ["with a name and a digest", { images: { [`${python}@${digestOf("a")}`]: {} } }, "expected a full name"],
    ["with a name that is none", { images: { "a b": {} } }, "images.a b: expected a full name"],
    ["with a name of 1 MB", { images: { ["x".repeat(1e6)]: {} } }, "expected a full name"],
  ])("%s", (_, change, message) => {
    const found = fault(change);
    expect(found).toContain(`LOCK_INVALID ${message.startsWith("expected") ? "" : message}`);
    expect(found).toContain(message);
    expect(found.length).toBeLessThan(300);
  });

  test.each([
    ["", "it is not JSON"],
    ["null", "expected a record"],
    ['"text"', "expected a record"],
    ['{"version":1,', "it is not JSON"],
    ['<<<<<<< HEAD\n{"version":1}\n', "a merge left its marks in it"],
    [`${"[".repeat(1e5)}${"]".repeat(1e5)}`, "expected a record"],
  ])("%.20s", (text, message) => {
    expect(() => parseLock(text, "x.json")).toThrow(
      expect.objectContaining({
        code: "LOCK_INVALID",
        message,
        details: { file: "x.json", hint: "make it anew: rm x.json && imagespec lock" },
      }),
    );
  });

  test("of a version to come, as that", () => {
    expect(fault({ version: 2, images: "?" })).toMatchInlineSnapshot(
      `"LOCK_VERSION_UNSUPPORTED it is of version 2, and this imagespec knows versions up to 1"`,
    );
  });
});
