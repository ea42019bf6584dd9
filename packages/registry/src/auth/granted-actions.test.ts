import { describe, expect, it } from "vitest";
import { grantedActions } from "./granted-actions.ts";

function bearer(payload: unknown): string {
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  return `Bearer ${encode({ alg: "none" })}.${encode(payload)}.signature`;
}

describe("what a token allows", () => {
  it.each<[string, string | undefined, readonly string[] | undefined]>([
    [
      "both",
      bearer({ access: [{ type: "repository", name: "a/b", actions: ["pull", "push"] }] }),
      ["pull", "push"],
    ],
    ["nothing", bearer({ access: [] }), []],
    [
      "something elsewhere",
      bearer({ access: [{ type: "repository", name: "a/c", actions: ["push"] }] }),
      undefined,
    ],
    ["what it does not say", bearer({ sub: "me" }), undefined],
    [
      "odd actions",
      bearer({ access: [{ type: "repository", name: "a/b", actions: [1, "pull"] }] }),
      ["pull"],
    ],
    ["odd access", bearer({ access: [null, 7, "x"] }), undefined],
    ["an opaque token", "Bearer abc", undefined],
    ["three parts of nothing", "Bearer a.b.c", undefined],
    ["a password", "Basic bWU6cHc=", undefined],
    ["no login", undefined, undefined],
  ])("%s", (_, authorization, expected) => {
    expect(grantedActions(authorization, "a/b")).toEqual(expected);
  });
});
