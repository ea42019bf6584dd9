import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { openSecuredTestbed } from "./support/secured.ts";
import { built } from "./support/testbed.ts";

const { build, configured, failure, folder, secured, defer } = openSecuredTestbed();

/** A browser in which somebody has a session already: it follows to where it is sent. */
async function browse(url: string): Promise<void> {
  const { Agent, fetch } = await import("undici");
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  defer(() => dispatcher.close());
  await (await fetch(url, { dispatcher })).text();
}

const atHome = async (): Promise<string> => {
  const home = await folder();
  vi.stubEnv("HOME", home);
  vi.stubEnv("XDG_CACHE_HOME", "");
  return home;
};
const cached = async (home: string): Promise<string[]> => {
  const cache = path.join(home, ".cache/imagespec/union");
  return (await readdir(cache)).map((name) => path.join(cache, name));
};
const openBrowser = (url: string): void => void browse(url);
const pkce = { authType: "Pkce" };
const device = { authType: "DeviceFlow" };

describe("in a browser (PKCE)", () => {
  test("a person signs in once; another build takes the token from a file that nobody else may read", async () => {
    const home = await atHome();
    const backend = await secured({ refresh: "rotate" });
    const options = await configured(backend, pkce);
    const pages: string[] = [];
    const host = {
      isInteractive: true,
      openBrowser: (url: string) => {
        pages.push(url);
        openBrowser(url);
      },
    };
    const { result, events } = await build({ options, host });
    expect(await result).toMatchObject(built);
    expect(pages).toHaveLength(1);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "warning",
        code: "UNION_SIGN_IN",
        message: expect.stringContaining("/oauth2/authorize?"),
      }),
    );
    const [file] = await cached(home);
    expect(((await stat(file!)).mode & 0o777).toString(8)).toBe("600");
    const again = await build({ options, host: { isInteractive: false } });
    expect(await again.result).toMatchObject(built);
    expect(backend.state.tokens.size).toBe(1);
  });

  test.each(["rotate", "keep"] as const)("a token that has ended is refreshed: %s", async (refresh) => {
    await atHome();
    const backend = await secured({ refresh });
    const options = await configured(backend, pkce);
    await (await build({ options, host: { isInteractive: true, openBrowser } })).result;
    for (let turn = 0; turn < 2; turn += 1) {
      backend.state.tokens.clear();
      const { result } = await build({ options, host: { isInteractive: false } });
      expect(await result).toMatchObject(built);
    }
    expect(backend.state.forms.map((form) => form.get("grant_type"))).toEqual([
      "authorization_code",
      "refresh_token",
      "refresh_token",
    ]);
  });

  test("a refresh token that was revoked asks the person again, and is an error where nobody is", async () => {
    await atHome();
    const backend = await secured({ refresh: "rotate" });
    const options = await configured(backend, pkce);
    const host = { isInteractive: true, openBrowser };
    await (await build({ options, host })).result;
    backend.state.tokens.clear();
    backend.state.refreshTokens.clear();
    expect((await failure({ options, host: { isInteractive: false } })).code).toBe("UNION_SIGN_IN_NEEDED");
    expect(await (await build({ options, host })).result).toMatchObject(built);
  });

  test("a cache that others may read, or that holds something else, is not believed", async () => {
    const home = await atHome();
    const backend = await secured();
    const options = await configured(backend, pkce);
    const host = { isInteractive: true, openBrowser };
    await (await build({ options, host })).result;
    const [file] = await cached(home);
    const text = await readFile(file!, "utf8");
    for (const [content, mode] of [
      ["{", 0o600],
      ['{"header":"a\\nb","token":{"accessToken":"x"}}', 0o600],
      [text, 0o644],
    ] as const) {
      const { rm } = await import("node:fs/promises");
      await rm(file!);
      await writeFile(file!, content, { mode });
      expect((await failure({ options, host: { isInteractive: false } })).code).toBe("UNION_SIGN_IN_NEEDED");
    }
  });

  test("a refusal at the page", async () => {
    await atHome();
    const options = await configured(await secured({ browser: "deny" }), pkce);
    const error = await failure({ options, host: { isInteractive: true, openBrowser } });
    expect(error).toMatchObject({
      code: "UNION_SIGN_IN_FAILED",
      message: expect.stringContaining("access_denied"),
    });
  });

  test("what comes to the port without the state of this sign-in changes nothing", async () => {
    await atHome();
    const options = await configured(await secured(), pkce);
    const host = {
      isInteractive: true,
      openBrowser: (url: string) => {
        const redirect = new URL(url).searchParams.get("redirect_uri")!;
        const forged = fetch(`${redirect}?state=forged&code=forged`).then(({ status }) => status);
        void forged.then((status) => {
          expect(status).toBe(404);
          openBrowser(url);
        });
      },
    };
    expect(await (await build({ options, host })).result).toMatchObject(built);
  });

  test.each(["https://elsewhere.example/callback", "http://elsewhere.example/", "nonsense"])(
    "a redirect to %s is refused",
    async (redirectUri) => {
      await atHome();
      const options = await configured(await secured({ redirectUri }), pkce);
      const error = await failure({ options, host: { isInteractive: true, openBrowser } });
      expect(error).toMatchObject({
        code: "UNION_SIGN_IN_FAILED",
        message: expect.stringContaining("not on this machine"),
      });
    },
  );

  test("an abort ends the waiting", async () => {
    await atHome();
    const stop = new AbortController();
    const host = { isInteractive: true, openBrowser: () => stop.abort() };
    const { result } = await build({
      options: await configured(await secured(), pkce),
      host,
      signal: stop.signal,
    });
    await expect(result).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("on another device", () => {
  const host = { isInteractive: true };

  test("a person signs in while the token is asked for again", async () => {
    await atHome();
    const answers = ["authorization_pending", "slow_down"];
    const options = await configured(await secured({ device: { answers } }), device);
    const { result, events } = await build({ options, host });
    expect(await result).toMatchObject(built);
    expect(events).toContainEqual(
      expect.objectContaining({
        code: "UNION_SIGN_IN",
        message: expect.stringMatching(/\/device with the code ABCD-EFGH$/),
      }),
    );
  });

  test.each([
    [
      "a code that times out",
      { answers: Array<string>(50).fill("authorization_pending"), expiresIn: 1 },
      /in time/,
    ],
    ["a code that has expired", { answers: ["expired_token"] }, /in time/],
    ["a refusal", { answers: ["access_denied"] }, /access_denied/],
  ])("%s", async (_about, answers, message) => {
    await atHome();
    const options = await configured(await secured({ device: answers }), device);
    const error = await failure({ options, host });
    expect(error).toMatchObject({ code: "UNION_SIGN_IN_FAILED", message: expect.stringMatching(message) });
  });

  test("a server without that flow", async () => {
    await atHome();
    const error = await failure({ options: await configured(await secured(), device), host });
    expect(error.code).toBe("UNION_SIGN_IN_FAILED");
  });
});

test.each(["Pkce", "DeviceFlow"])("%s where nobody is names what needs no person", async (authType) => {
  await atHome();
  const error = await failure({ options: await configured(await secured(), { authType }) });
  expect(error.code).toBe("UNION_SIGN_IN_NEEDED");
  expect(error.details.hint).toContain("FLYTE_API_KEY");
});
