import { expect, test } from "vitest";
import { Redactor } from "./redactor.ts";

function masked(secret: string, text: string): string {
  const redactor = new Redactor();
  redactor.add(secret);
  return redactor.text(text);
}

test("masks a secret, its lines, and how it stands in a URL", () => {
  expect(masked("s3cret/one\nline-two\n", "a s3cret/one b line-two c s3cret%2Fone")).toBe(
    "a *** b *** c ***",
  );
});

test("masks the passwords of a netrc by themselves", () => {
  const netrc =
    "machine h.example login user password hunter2-long\nmachine i.example\nlogin t\npassword other-secret\n";
  expect(masked(netrc, "https://user:hunter2-long@h.example other-secret")).toBe(
    "https://user:***@h.example ***",
  );
});

test("leaves alone what is too short to be a secret", () => {
  expect(masked("ab", "a table")).toBe("a table");
});

test("masks every string of data, and no bytes", () => {
  const redactor = new Redactor();
  redactor.add("s3cret");
  const bytes = new Uint8Array([1]);
  expect(redactor.data({ a: ["s3cret", 1], b: { c: "x s3cret" }, bytes })).toEqual({
    a: ["***", 1],
    b: { c: "x ***" },
    bytes,
  });
});
