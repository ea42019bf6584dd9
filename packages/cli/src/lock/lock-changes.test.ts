import type { ImageLock, LockedImage } from "@imagespec/core";
import { expect, test } from "vitest";
import { formatChanges, lockChanges } from "./lock-changes.ts";

function image(digest: string): LockedImage {
  return {
    digest,
    platforms: new Map([
      ["linux/arm64", "c"],
      ["linux/amd64", "d"],
    ]),
  };
}

function lockOf(images: Readonly<Record<string, LockedImage>>): ImageLock {
  return { recipe: 1, tools: new Map(), images: new Map(Object.entries(images)) };
}

const before = lockOf({ kept: image("a"), moved: image("a"), gone: image("a") });
const now = lockOf({ new: image("a"), moved: image("b"), kept: image("a") });
const platforms = ["linux/amd64", "linux/arm64"];

test("what is new in a lock, by name", () => {
  expect(lockChanges(before, now)).toEqual([
    { reference: "gone", status: "removed", digest: "a", platforms },
    { reference: "kept", status: "unchanged", digest: "a", platforms },
    { reference: "moved", status: "moved", digest: "b", previous: "a", platforms },
    { reference: "new", status: "added", digest: "a", platforms },
  ]);
  expect(lockChanges(undefined, now).map(({ status }) => status)).toEqual(["added", "added", "added"]);
});

test("people are told of what changed alone", () => {
  expect(formatChanges(lockChanges(before, now))).toMatchInlineSnapshot(`
    "removed gone
    moved moved: a -> b (linux/amd64, linux/arm64)
    added new: a (linux/amd64, linux/arm64)
    "
  `);
  expect(formatChanges(lockChanges(now, now))).toBe("");
});
