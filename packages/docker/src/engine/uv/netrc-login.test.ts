import { expect, test } from "vitest";
import { netrcLogin } from "./netrc-login.ts";

const netrc = `machine a.example
login me
password secret
machine b.example login other password two
machine c.example account x
`;

test.each([
  ["a.example", "me:secret"],
  ["b.example", "other:two"],
  ["c.example", undefined],
  ["d.example", undefined],
  ["me", undefined],
])("%s", (host, expected) => {
  expect(netrcLogin(netrc, host)).toBe(expected);
});
