import { execa } from "execa";
import { expect, test } from "vitest";
import { ensureNode } from "../src/node-releases.ts";

test.each(["20.19", "22", "24"])("a binary of Node %s", async (release) => {
  const { stdout } = await execa(await ensureNode(release), ["--version"]);
  expect(`${stdout}.`).toMatch(new RegExp(`^v${release.replace(".", "\\.")}\\.`));
});

test("what is no release is not handed to npm", async () => {
  await expect(ensureNode("https://example.com/node.tgz")).rejects.toThrowErrorMatchingInlineSnapshot(
    `[Error: not a release of Node: https://example.com/node.tgz]`,
  );
});
