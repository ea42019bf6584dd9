import { expect, test } from "vitest";
import { digestOf, lockedImage, lockOf, python, registryWith } from "../../test/locks.ts";
import { formatLock } from "./image-lock.ts";
import type { LockNeeds, NeededImage } from "./lock-needs.ts";
import { findDrift, makeLock, mergeLocks } from "./make-lock.ts";
import { parseLock } from "./parse-lock.ts";

const debian = "docker.io/library/debian:12";

function needed(reference: string, ...platforms: readonly string[]): NeededImage {
  return {
    reference,
    platforms: new Set(platforms.length > 0 ? platforms : ["linux/amd64"]),
    usedBy: "app",
    field: "baseImage",
    query: { registryConfig: "/auth.json" },
  };
}

function needsOf(...images: readonly NeededImage[]): LockNeeds {
  return { recipe: 1, tools: new Map(), images: new Map(images.map((image) => [image.reference, image])) };
}

test("every platform that an image is there for is locked, asked with the spec's own credentials", async () => {
  const registry = registryWith({ [python]: lockedImage("a", "linux/amd64", "linux/arm64") });
  const { signal } = new AbortController();
  const lock = await makeLock(needsOf(needed(python)), { registry, signal });
  expect(lock.images).toEqual(new Map([[python, lockedImage("a", "linux/amd64", "linux/arm64")]]));
  const query = { registryConfig: "/auth.json", platforms: ["linux/amd64"], signal };
  expect(registry.exists).toHaveBeenCalledWith(python, query);
});

test("platforms that are none, or there twice, are not locked", async () => {
  const platforms = ["linux/amd64", "Linux/AMD64", "linux/amd64", "?"];
  const image = { digest: digestOf("a"), mediaType: "text/html; charset=x", reference: python };
  const named = platforms.map((platform, index) => ({ platform, digest: digestOf(String(index)) }));
  const registry = registryWith({ [python]: { verdict: "present", image: { ...image, platforms: named } } });
  const lock = await makeLock(needsOf(needed(python)), { registry });
  expect(lock.images.get(python)).toEqual(lockedImage("a"));
  expect(parseLock(formatLock(lock), "lock")).toEqual(lock);
});

test.each([
  [{}, "BASE_IMAGE_NOT_FOUND", `${debian} is not in its registry, and only what is can be locked`],
  [
    { [debian]: { verdict: "absent" as const, missingPlatforms: ["linux/arm64"] } },
    "BASE_IMAGE_PLATFORM",
    `${debian} is not there for linux/arm64`,
  ],
  [
    { [debian]: { verdict: "unknown" as const, reason: "tls", detail: "self-signed" } },
    "EXISTENCE_UNKNOWN",
    `could not find out what ${debian} is: tls (self-signed)`,
  ],
  [
    { [debian]: { verdict: "present" as const, image: { reference: debian } } },
    "EXISTENCE_UNKNOWN",
    `could not find out what ${debian} is: protocol (the registry named no digest)`,
  ],
])("%j is no lock", async (answers, code, message) => {
  const asking = { registry: registryWith(answers) };
  await expect(makeLock(needsOf(needed(debian)), asking)).rejects.toMatchObject({ code, message });
});

test("of several faults, one that leaves all open comes first, and all are told", async () => {
  const registry = registryWith({ [python]: { verdict: "unknown", reason: "timeout" } });
  await expect(makeLock(needsOf(needed(debian), needed(python)), { registry })).rejects.toMatchObject({
    code: "EXISTENCE_UNKNOWN",
    details: { issues: [{ code: "BASE_IMAGE_NOT_FOUND" }, { code: "EXISTENCE_UNKNOWN" }] },
  });
});

test("of two locks the newer one's entries count", () => {
  const tools = (versions: object) => new Map([["docker", new Map(Object.entries(versions))]]);
  const older = {
    ...lockOf({ [python]: lockedImage("a"), [debian]: lockedImage("b") }),
    tools: tools({ uv: "1", poetry: "2" }),
  };
  const newer = { ...lockOf({ [python]: lockedImage("c") }), recipe: 2, tools: tools({ uv: "3" }) };
  expect(mergeLocks(older, newer)).toEqual({
    recipe: 2,
    tools: tools({ uv: "3", poetry: "2" }),
    images: new Map([
      [python, lockedImage("c")],
      [debian, lockedImage("b")],
    ]),
  });
});

test.each([
  ["still what it was", { [python]: lockedImage("a") }, []],
  [
    "another image now",
    { [python]: lockedImage("b"), [`docker.io/library/python@${digestOf("a")}`]: lockedImage("a") },
    [{ code: "LOCK_IMAGE_MOVED", message: `${python} was ${digestOf("a")} and is ${digestOf("b")} now` }],
  ],
  [
    "no name any more",
    { [`docker.io/library/python@${digestOf("a")}`]: lockedImage("a") },
    [{ code: "LOCK_IMAGE_MOVED", message: expect.stringContaining("is not there any more by that name") }],
  ],
  ["gone", { [python]: lockedImage("b") }, [{ code: "LOCK_IMAGE_GONE" }]],
  [
    "not known",
    { [python]: { verdict: "unknown" as const, reason: "tls" } },
    [{ code: "EXISTENCE_UNKNOWN" }],
  ],
])("a locked image that is %s", async (_, answers, drift) => {
  const lock = lockOf({ [python]: lockedImage("a") });
  const needs = needsOf(needed(python), needed(debian));
  expect(await findDrift(lock, needs, { registry: registryWith(answers) })).toMatchObject(drift);
});
