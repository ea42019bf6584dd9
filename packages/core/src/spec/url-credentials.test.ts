import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatNetrc, stripUrlCredentials } from "./url-credentials.ts";

describe("stripUrlCredentials", () => {
  test.each([
    ["https://user:p%40ss@index.example:8443/simple", "https://index.example:8443/simple", "user", "p@ss"],
    [
      "--index-url https://token@index.example/simple",
      "--index-url https://index.example/simple",
      "token",
      "",
    ],
    [
      "a @ git+https://u:p@git.example/a.git@main#egg=a",
      "a @ git+https://git.example/a.git@main#egg=a",
      "u",
      "p",
    ],
    ["https://u:p:q@h.example/", "https://h.example/", "u", "p:q"],
    ["https://u:a@b@h.example/", "https://h.example/", "u", "a@b"],
  ])("%s", (text, stripped, username, password) => {
    const found = stripUrlCredentials(text);
    expect(found.text).toBe(stripped);
    expect(found.credentials).toMatchObject([{ username, password }]);
  });

  test.each([
    "https://index.example/simple",
    "https://${TOKEN}@index.example/simple",
    "https://${USER}:${TOKEN}@index.example/simple",
    "git+ssh://git@git.example/a.git",
    "a @ https://h.example/x@1.whl",
    "mail me@example.com",
  ])("%s stays as it is", (text) => {
    expect(stripUrlCredentials(text)).toEqual({ text, credentials: [] });
  });

  test("no password stays, wherever the URL stands", () => {
    const password = fc.stringMatching(/^[A-Za-z0-9!$&()*+,;=._~-]{6,20}$/).map((value) => `S3cret${value}`);
    const around = fc.stringMatching(/^[a-z -]{0,8}$/);
    fc.assert(
      fc.property(password, around, around, (secret, before, after) => {
        const { text, credentials } = stripUrlCredentials(
          `${before} https://u:${secret}@h.example/a${after}`,
        );
        expect(text).not.toContain(secret);
        expect(credentials[0]?.password).toBe(secret);
      }),
    );
  });
});

describe("formatNetrc", () => {
  test("has one entry a host", () => {
    const login = { host: "h.example", username: "u", password: "p" };
    expect(
      formatNetrc([login, login, { host: "i.example", username: "t", password: "" }]),
    ).toMatchInlineSnapshot(`
      "machine h.example
      login u
      password p
      machine i.example
      login t
      password ""
      "
    `);
  });

  test("refuses two logins for one host, without saying them", () => {
    const first = { host: "h.example", username: "u", password: "hunter2" };
    const second = { ...first, password: "hunter3" };
    expect(() => formatNetrc([first, second])).toThrowErrorMatchingInlineSnapshot(
      `[ImageSpecError: two logins for h.example]`,
    );
  });

  test("refuses what netrc cannot carry", () => {
    expect(() => formatNetrc([{ host: "h.example", username: "u", password: "a\nmachine evil" }])).toThrow(
      expect.objectContaining({ code: "SPEC_CREDENTIALS_IN_URL" }),
    );
  });
});
