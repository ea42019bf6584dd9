import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { documents, read } from "./documents.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const links = documents.flatMap((file) =>
  [...read(file).matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, target = ""]) => ({ file, target })),
);

describe("links between pages", () => {
  test("there are some", () => expect(links.length).toBeGreaterThan(10));
  test.each(links)("$file: $target", ({ file, target }) => {
    expect(existsSync(join(root, dirname(file), target))).toBe(true);
  });
});
