import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { defineImage } from "./define-image.ts";
import { parseImageSpec } from "./parse-image-spec.ts";

function failure(value: unknown): { code: string; field?: string; hint?: string; message: string } {
  try {
    parseImageSpec(value);
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    const { field, hint } = error.details;
    return {
      code: error.code,
      message: error.message,
      ...(field ? { field } : {}),
      ...(hint ? { hint } : {}),
    };
  }
  throw new Error("it was accepted");
}

describe("spelling", () => {
  test("takes flytekit's names and values", () => {
    const spec = parseImageSpec({
      base_image: null,
      python_version: "3.12",
      source_copy_mode: "LOADED_MODULES",
      builder: "default",
      platform: "linux/amd64, linux/arm64",
      builder_config: { uv_image: "example.com/uv:1" },
      pip_secret_mounts: [["netrc", "/etc/netrc"]],
    });
    expect(spec).toEqual({
      pythonVersion: "3.12",
      sourceCopyMode: "auto",
      builder: "docker",
      platform: ["linux/amd64", "linux/arm64"],
      builderOptions: { docker: { uvImage: "example.com/uv:1" } },
      pipSecretMounts: [["netrc", "/etc/netrc"]],
    });
  });

  test.each([
    ["remote", "union"],
    ["unionai", "union"],
    ["local", "docker"],
    ["envd", "envd"],
    ["constructor", "constructor"],
  ])("builder %s is %s", (written, meant) => {
    expect(parseImageSpec({ builder: written }).builder).toBe(meant);
  });

  test("an empty text is an absent field", () => {
    expect(parseImageSpec({ registry: "", python_version: "", requirements: "", env: { A: "" } })).toEqual({
      env: { A: "" },
    });
  });

  test("applies to nested specs", () => {
    expect(parseImageSpec({ baseImage: { base_image: "debian:12", apt_packages: ["git"] } })).toEqual({
      baseImage: { baseImage: "debian:12", aptPackages: ["git"] },
    });
  });
});

describe("what is wrong is named", () => {
  test.each([
    ["an unknown field", { aptPackage: ["git"] }],
    ["an unknown field in a nested spec", { baseImage: { pakages: ["a"] } }],
    ["a field far from every name", { zzzzzzzz: 1 }],
    ["two spellings", { base_image: "a", baseImage: "b" }],
    ["a number for a version", { pythonVersion: 3.12 }],
    ["a version that is none", { pythonVersion: "three" }],
    ["a string for a list", { packages: "numpy" }],
    ["a number in a list", { packages: ["numpy", 3] }],
    ["a number in env", { env: { PORT: 8080 } }],
    ["a name with = in env", { env: { "A=B": "x" } }],
    ["a NUL character", { commands: ["echo \0"] }],
    ["half a surrogate pair", { env: { A: "\ud800" } }],
    ["copy without from", { copy: [{ to: "/x" }] }],
    ["copy with a wrong key", { copy: [{ from: "a", too: "/x" }] }],
    ["a relative work directory", { workDirectory: "app" }],
    ["an unknown copy mode", { sourceCopyMode: "SOME" }],
    ["a wrong nested base", { baseImage: { packages: [1] } }],
    ["a base that is a list", { baseImage: ["debian:12"] }],
    ["a builder's name with a path", { builder: "../../evil" }],
    ["no record", ["a"]],
    ["null", null],
    ["an instance of a class", new Date(0)],
  ])("%s", (_, value) => {
    expect(failure(value)).toMatchSnapshot();
  });

  test("a secret in a wrong field is not repeated", () => {
    expect(JSON.stringify(failure({ packages: { token: "hunter2" } }))).not.toContain("hunter2");
  });
});

test("defineImage copies, freezes and keeps what it was given", () => {
  const given = { packages: ["a"], env: { A: "1" } };
  const image = defineImage(given);
  expect(Object.isFrozen(image.env)).toBe(true);
  expect(Object.isFrozen(given.env)).toBe(false);
  expect(image).toEqual(given);
});

test("nothing makes it throw anything but its own errors", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything(),
        fc.dictionary(fc.constantFrom("packages", "env", "baseImage", "copy", "__proto__"), fc.anything()),
      ),
      (value) => {
        try {
          parseImageSpec(value);
        } catch (error) {
          expect(ImageSpecError.isInstance(error)).toBe(true);
        }
      },
    ),
    { numRuns: 3000 },
  );
});
