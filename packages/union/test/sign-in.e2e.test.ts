import type { AuthOptions } from "@imagespec/union-backend";
import { describe, expect, test, vi } from "vitest";
import { clientSecret, openSecuredTestbed } from "./support/secured.ts";
import { built, PLANTED } from "./support/testbed.ts";

const { authority, build, configured, failure, secured } = openSecuredTestbed();
const byCredentials = { authType: "ClientSecret", clientId: "cid", clientSecretEnvVar: "TEST_CLIENT_SECRET" };

describe("client credentials over TLS with a private authority", () => {
  test.each<[string, Partial<AuthOptions>]>([
    ["the usual header", {}],
    ["a header of its own", { header: "flyte-authorization" }],
    ["a header that discovery leaves empty", { announcedHeader: "" }],
    ["an audience", { audience: "https://audience.example" }],
  ])("%s", async (_about, auth) => {
    vi.stubEnv("TEST_CLIENT_SECRET", clientSecret);
    const backend = await secured(auth);
    const { result } = await build({ options: await configured(backend, byCredentials) });
    expect(await result).toMatchObject(built);
    expect(backend.state.tokens.size).toBe(1);
    expect(Object.fromEntries(backend.state.forms[0] ?? [])).toMatchObject({ scope: "all offline" });
  });

  test("scopes of the configuration", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", clientSecret);
    const backend = await secured();
    const { result } = await build({
      options: await configured(backend, { ...byCredentials, scopes: ["one", "two"] }),
    });
    await result;
    expect(backend.state.forms[0]?.get("scope")).toBe("one two");
  });

  test("the same token serves the cluster that holds the data", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", clientSecret);
    const backend = await secured({}, { behaviour: { cluster: "second" } });
    const { result } = await build({ options: await configured(backend, byCredentials) });
    expect(await result).toMatchObject(built);
    expect(backend.state.tokens.size).toBe(1);
    expect(backend.calls.some(({ listener }) => listener === "second")).toBe(true);
  });

  test.each(["RunService/CreateRun", "RunService/WatchActionDetails", "DataProxyService/TailLogs"])(
    "a token that is revoked before %s is renewed once",
    async (revoked) => {
      vi.stubEnv("TEST_CLIENT_SECRET", clientSecret);
      const backend = await secured();
      const issued = new Set<string>();
      backend.onCall.current = ({ procedure, turn }) => {
        if (procedure === revoked && turn === 1) backend.state.tokens.clear();
        for (const token of backend.state.tokens) issued.add(token);
      };
      const { result } = await build({ options: await configured(backend, byCredentials) });
      expect(await result).toMatchObject(built);
      expect(issued.size + backend.state.tokens.size).toBeLessThanOrEqual(3);
    },
  );

  test("a token that the server never takes is one error", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", clientSecret);
    const backend = await secured();
    backend.onCall.current = () => backend.state.tokens.clear();
    const error = await failure({ options: await configured(backend, byCredentials) });
    expect(error.code).toBe("UNION_SIGN_IN_FAILED");
    expect(backend.state.forms).toHaveLength(1);
  });

  test("a wrong secret is one error that shows nothing of it", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", `${PLANTED}-that-is-wrong`);
    const error = await failure({ options: await configured(await secured(), byCredentials) });
    expect(error).toMatchObject({
      code: "UNION_SIGN_IN_FAILED",
      message: expect.stringContaining("invalid_client"),
    });
  });

  test("an authority that nobody trusts", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", clientSecret);
    const options = await configured(await secured(), { ...byCredentials, caCertFilePath: "" });
    expect((await failure({ options })).code).toBe("UNION_CERTIFICATE_UNTRUSTED");
  });

  test("an authority that nobody has to trust", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", clientSecret);
    const admin = { ...byCredentials, caCertFilePath: "", insecureSkipVerify: true };
    const { result } = await build({ options: await configured(await secured(), admin) });
    expect(await result).toMatchObject(built);
  });
});

describe("API keys", () => {
  const keyFor = (endpoint: string): string =>
    Buffer.from(`dns:///${endpoint}:cid:${PLANTED}-key:`).toString("base64");
  const place = { project: "proj", domain: "development" };

  test.each(["FLYTE_API_KEY", "UNION_API_KEY"])(
    "%s needs no file, and serves the clusters too",
    async (name) => {
      const backend = await secured({ clientSecret: `${PLANTED}-key` }, { behaviour: { cluster: "second" } });
      vi.stubEnv(name, keyFor(backend.endpoint));
      vi.stubEnv("FLYTE_ADMIN_CACERTFILEPATH", authority());
      const { result } = await build({ options: place });
      expect(await result).toMatchObject(built);
    },
  );

  test("go to no endpoint but their own", async () => {
    const backend = await secured({ clientSecret: `${PLANTED}-key` });
    vi.stubEnv("FLYTE_API_KEY", keyFor("elsewhere.example"));
    vi.stubEnv("FLYTE_ADMIN_CACERTFILEPATH", authority());
    vi.stubEnv("CI", "1");
    const error = await failure({ options: { ...place, endpoint: backend.endpoint } });
    expect(error.code).toBe("UNION_SIGN_IN_NEEDED");
    expect(backend.state.forms).toEqual([]);
  });
});

describe("token endpoints that misbehave", () => {
  test.each<[string, { status: number; body: string }, RegExp]>([
    ["a page", { status: 200, body: "<html>log in</html>" }, /answers 200 and not with JSON/],
    ["nothing", { status: 204, body: "" }, /answers 204 and not with JSON/],
    ["no token", { status: 200, body: "{}" }, /no token in the answer/],
    ["an endless answer", { status: 200, body: " ".repeat(2 * 1024 * 1024) }, /does not end/],
    [
      "a token that is no header",
      { status: 200, body: '{"access_token":"a\\nb"}' },
      /no token in the answer/,
    ],
  ])("%s", async (_about, fault, message) => {
    vi.stubEnv("TEST_CLIENT_SECRET", clientSecret);
    const backend = await secured({ tokenFault: () => fault });
    const error = await failure({ options: await configured(backend, byCredentials) });
    expect(error).toMatchObject({ code: "UNION_SIGN_IN_FAILED", message: expect.stringMatching(message) });
  });

  test("a server that is busy is asked again", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", clientSecret);
    const backend = await secured({
      tokenFault: (turn) => (turn === 1 ? { status: 503, body: "busy" } : undefined),
    });
    const { result } = await build({ options: await configured(backend, byCredentials) });
    expect(await result).toMatchObject(built);
  });
});

describe("commands", () => {
  const byCommand = (...command: string[]) => ({ authType: "ExternalCommand", command });

  test("one that prints a token", async () => {
    const backend = await secured();
    backend.state.tokens.add(`${PLANTED}-token`);
    const options = await configured(backend, byCommand("echo", `${PLANTED}-token`));
    const { result } = await build({ options });
    expect(await result).toMatchObject(built);
  });

  test.each<[string, string[]]>([
    ["fails", ["sh", "-c", `echo ${PLANTED} >&2; exit 1`]],
    ["is not there", [`/none/${PLANTED}`]],
    ["prints nothing", ["true"]],
    ["prints sentences", ["echo", PLANTED, "and more"]],
  ])("one that %s", async (_about, command) => {
    const error = await failure({ options: await configured(await secured(), byCommand(...command)) });
    expect(error.code).toBe("UNION_SIGN_IN_FAILED");
  });

  test("a proxy before the server is told what its own command prints", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", clientSecret);
    const backend = await secured();
    const proxyCommand = ["echo", `${PLANTED}-of-the-proxy`];
    const { result } = await build({
      options: await configured(backend, { ...byCredentials, proxyCommand }),
    });
    expect(await result).toMatchObject(built);
    const told = backend.calls.map(({ header }) => header.get("proxy-authorization"));
    expect(new Set(told)).toEqual(new Set([`Bearer ${PLANTED}-of-the-proxy`]));
  });
});

describe("pass-through", () => {
  const admin = { authType: "Passthrough" };

  test("the program's own headers are sent as they are", async () => {
    const backend = await secured();
    backend.state.tokens.add(`${PLANTED}-passed`);
    const headers = () => ({ authorization: `Bearer ${PLANTED}-passed` });
    const { result } = await build({ options: await configured(backend, admin), host: { headers } });
    expect(await result).toMatchObject(built);
    expect(backend.state.forms).toEqual([]);
  });

  test("headers that are refused are one error", async () => {
    const headers = () => ({ authorization: `Bearer ${PLANTED}-refused` });
    const error = await failure({ options: await configured(await secured(), admin), host: { headers } });
    expect(error.code).toBe("UNION_SIGN_IN_FAILED");
  });

  test("without headers the configuration is refused", async () => {
    const error = await failure({ options: await configured(await secured(), admin) });
    expect(error.code).toBe("UNION_CONFIG_INVALID");
  });
});
