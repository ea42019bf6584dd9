import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { formatPlatform, isSamePlatform, normalizePlatform, parsePlatform } from "./platform.ts";

describe("platforms are normalised as containerd does", () => {
  it.each([
    ["linux/x86_64", "linux/amd64"],
    ["linux/x86-64", "linux/amd64"],
    ["linux/amd64/v1", "linux/amd64"],
    ["linux/amd64/v3", "linux/amd64/v3"],
    ["linux/aarch64", "linux/arm64"],
    ["linux/arm64/v8", "linux/arm64"],
    ["linux/arm64/8", "linux/arm64"],
    ["linux/arm64/v9", "linux/arm64/v9"],
    ["linux/arm", "linux/arm/v7"],
    ["linux/arm/6", "linux/arm/v6"],
    ["linux/arm/v5", "linux/arm/v5"],
    ["linux/armhf", "linux/arm/v7"],
    ["linux/armel", "linux/arm/v6"],
    ["linux/i386", "linux/386"],
    ["Linux/AMD64", "linux/amd64"],
    ["macos/arm64", "darwin/arm64"],
    ["arm64", "linux/arm64"],
    ["linux/riscv64", "linux/riscv64"],
  ])("%s", (text, expected) => {
    expect(normalizePlatform(text)).toBe(expected);
  });

  it.each([
    "",
    "linux",
    "linux/",
    "/amd64",
    "a/b/c/d",
    "linux/am d64",
    "amd64/linux",
    "linux/amd64,linux/arm64",
  ])("%j is refused", (text) => {
    expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: "PLATFORM_INVALID" }));
  });

  it("names the right order", () => {
    expect(() => parsePlatform("amd64/linux")).toThrow(
      expect.objectContaining({
        details: { field: "platform", hint: "the operating system comes first: linux/amd64" },
      }),
    );
  });

  it("compares by meaning", () => {
    expect(isSamePlatform({ os: "linux", architecture: "aarch64" }, parsePlatform("linux/arm64/v8"))).toBe(
      true,
    );
    expect(isSamePlatform(parsePlatform("linux/arm/v6"), parsePlatform("linux/arm/v7"))).toBe(false);
  });

  it("normalising again changes nothing, and no text raises anything else", () => {
    const part = fc.constantFrom(
      "linux",
      "arm",
      "arm64",
      "amd64",
      "v1",
      "v7",
      "8",
      "x86_64",
      "i386",
      "constructor",
      "",
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 4 }).map((parts) => parts.join("/")),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (written) => {
        try {
          const normal = normalizePlatform(written);
          expect(formatPlatform(parsePlatform(normal))).toBe(normal);
        } catch (error) {
          if (!ImageSpecError.isInstance(error)) throw error;
        }
      }),
      { numRuns: 5000 },
    );
  });
});
