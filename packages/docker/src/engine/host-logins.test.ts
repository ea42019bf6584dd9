import type { Credential } from "@imagespec/core";
import { expect, test } from "vitest";
import { HostLogins } from "./host-logins.ts";

const basic: Credential = { kind: "basic", username: "me", password: "secret", source: "test" };

function logins(images: readonly string[], credential: Credential | undefined = basic) {
  const asked: string[] = [];
  const found = new HostLogins(images, async (repository, access) => {
    asked.push(`${access} ${repository}`);
    return credential;
  });
  return { found, asked };
}

test.each([
  ["ghcr.io", "pull ghcr.io/org/base"],
  ["registry-1.docker.io", "pull docker.io/library/python"],
  ["mirror.example:5000", "pull mirror.example:5000/library/python"],
])("%s is asked for with the image that comes from there", async (host, expected) => {
  const { found, asked } = logins(["python:3.12", "ghcr.io/org/base:1"]);
  expect(await found.login(host)).toEqual({ username: "me", secret: "secret" });
  expect(asked).toEqual([expected]);
});

test.each(["", "../x", "host/path", "a b", "user@host", "HOST:99999999"])("%j is no host", async (host) => {
  const { found, asked } = logins(["python:3.12"]);
  expect(await found.login(host)).toBeUndefined();
  expect(asked).toEqual([]);
});

test("an identity token has no user name, and a bearer token has no place in a session", async () => {
  const identity = logins([], { kind: "identityToken", token: "t", source: "test" });
  expect(await identity.found.login("ghcr.io")).toEqual({ username: "", secret: "t" });
  expect(
    await logins([], { kind: "token", token: "t", source: "test" }).found.login("ghcr.io"),
  ).toBeUndefined();
});

test("the first fault is kept for whoever asks why there was no login", async () => {
  const error = new Error("locked");
  const found = new HostLogins([], () => Promise.reject(error));
  expect(found.fault).toBeUndefined();
  await expect(found.login("ghcr.io")).rejects.toBe(error);
  expect(found.fault).toEqual({ error });
});
