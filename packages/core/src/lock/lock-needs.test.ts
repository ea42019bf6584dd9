import { describe, expect, test } from "vitest";
import { fakeBuilder } from "../../test/fake-builder.ts";
import { digestOf, lockedImage, lockOf, python } from "../../test/locks.ts";
import type { BuilderHelpers } from "../builder/builder.ts";
import { BuilderRegistry } from "../builder/builder-registry.ts";
import { resolveImage } from "../plan/resolve-plan.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { lockFaults, requireLock, unusedEntries } from "./check-lock.ts";
import { type LockNeeds, lockNeeds } from "./lock-needs.ts";

const helpers = (): BuilderHelpers => ({
  images: [{ name: "helper:1", field: "condaPackages" }],
  tools: { uv: "0.13.8" },
});

function builders(): BuilderRegistry {
  const named = fakeBuilder({
    name: "named",
    helpers: () => ({ images: [{ name: "named:1", field: "x" }] }),
  });
  return new BuilderRegistry().register(fakeBuilder({ helpers }), { priority: 1 }).register(named);
}

async function needsOf(...specs: readonly ImageSpec[]): Promise<LockNeeds> {
  const images = specs.map((spec) => resolveImage(spec, { cwd: "/", hostPlatform: "linux/amd64" }));
  return lockNeeds(await Promise.all(images), builders());
}

const helper = "docker.io/library/helper:1";

describe("a lock needs", () => {
  test("the base by its full name, and what any builder brings that may be chosen", async () => {
    const { images, tools } = await needsOf({ name: "app", registryConfig: "auth.json" });
    const query = { registryConfig: "/auth.json" };
    const platforms = new Set(["linux/amd64"]);
    expect([...images.values()]).toEqual([
      { reference: python, platforms, usedBy: "app", field: "baseImage", query },
      { reference: helper, platforms, usedBy: "app", field: "condaPackages", query },
    ]);
    expect(tools).toEqual(new Map([["fake", new Map([["uv", "0.13.8"]])]]));
  });

  test("what the builder brings that the spec names, and of no other one", async () => {
    const { images, tools } = await needsOf({ builder: "named", baseImage: "debian" });
    expect([...images.keys()]).toEqual(["docker.io/library/debian:latest", "docker.io/library/named:1"]);
    expect(tools.size).toBe(0);
  });

  test("the base of a nested spec, and never the nested image", async () => {
    const { images } = await needsOf({ baseImage: { name: "below", baseImage: "debian:12" } });
    expect([...images.keys()]).toEqual(["docker.io/library/debian:12", helper]);
  });

  test("an image once, for the platforms of all", async () => {
    const { images } = await needsOf(
      { platform: "linux/amd64" },
      { platform: ["linux/arm64"], name: "other" },
    );
    expect(images.get(python)?.platforms).toEqual(new Set(["linux/amd64", "linux/arm64"]));
  });

  test("no image that is named by digest", async () => {
    const { images } = await needsOf({ baseImage: `debian:12@${digestOf("a")}` });
    expect([...images.keys()]).toEqual([helper]);
  });

  test("plain http for the host that the spec pushes to by it, and for no other one", async () => {
    const { images } = await needsOf({
      registry: "http://r.example:5000/org",
      baseImage: "r.example:5000/base:1",
    });
    expect(images.get("r.example:5000/base:1")?.query).toMatchObject({ insecure: true });
    expect(images.get(helper)?.query).not.toHaveProperty("insecure");
  });
});

test.each([
  [{ images: [{ name: "A B", field: "x" }] }, '"A B"'],
  [{ tools: { "../uv": "1" } }, '"../uv 1"'],
  [{ tools: { uv: "1 beta" } }, '"uv 1 beta"'],
  [{ tools: { uv: 1 as unknown as string } }, '"uv 1"'],
])("a builder that brings %j is told of as its own fault", async (brings, what) => {
  const odd = fakeBuilder({ name: "odd", helpers: () => brings });
  const image = await resolveImage({ builder: "odd" });
  await expect(lockNeeds([image], new BuilderRegistry().register(odd))).rejects.toMatchObject({
    code: "BUILDER_FAILED",
    message: `the odd builder failed in helpers: no lock can hold ${what}`,
  });
});

describe("a lock is behind", () => {
  const current = {
    ...lockOf({ [python]: lockedImage("a"), [helper]: lockedImage("b") }),
    tools: new Map([["fake", new Map([["uv", "0.13.8"]])]]),
  };

  test("never where it has everything", async () => {
    expect(lockFaults(current, await needsOf({}))).toEqual([]);
    expect(() => requireLock(undefined, { recipe: 1, tools: new Map(), images: new Map() }, "x")).toThrow(
      expect.objectContaining({ code: "LOCK_MISSING" }),
    );
  });

  test("in every way at once", async () => {
    const needs = await needsOf({ name: "app", platform: "linux/arm64" });
    const lock = { ...current, recipe: 7, tools: new Map(), images: new Map([[python, lockedImage("a")]]) };
    expect(lockFaults(lock, needs).map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "it was made for recipe 7, and this imagespec has recipe 1",
        "the fake builder's uv is 0.13.8 here, and not there in the lock",
        "docker.io/library/python:3.12-slim-bookworm, baseImage of app, is not locked for linux/arm64",
        "docker.io/library/helper:1, condaPackages of app, is not locked",
      ]
    `);
    expect(() => requireLock(lock, needs, "imagespec.lock.json")).toThrow(
      expect.objectContaining({
        code: "LOCK_STALE",
        details: expect.objectContaining({ file: "imagespec.lock.json" }),
      }),
    );
  });

  test("by what nobody needs, which only a look at the whole project can tell", async () => {
    const lock = lockOf({ "a.example/old:1": lockedImage("c"), [python]: lockedImage("a") });
    expect(unusedEntries(lock, await needsOf({}))).toEqual([
      expect.objectContaining({ message: "a.example/old:1 is locked, and no image of the project needs it" }),
    ]);
  });
});
