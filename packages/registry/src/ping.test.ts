import { describe, expect, it } from "vitest";
import { plainServer } from "./test-support/plain-server.ts";
import { basic, privateClient } from "./test-support/private-client.ts";
import { running } from "./testing/test-support/running.ts";

describe("ping", () => {
  it.each([
    ["nobody has to log in", {}, "http"],
    ["a login is wanted", { auth: { kind: "basic", users: { me: "pw" } } }, "http"],
    ["it speaks TLS", { tls: true }, "https"],
  ] as const)("finds a registry where %s, and sends no credential", async (_, options, scheme) => {
    const { registry } = await running(options);
    const ca = registry.certificateAuthority;
    const registries = ca === undefined ? {} : { [registry.host]: { ca } };
    const client = privateClient({ credentials: basic("me", "pw"), registries });
    expect(await client.ping(registry.host)).toEqual({ verdict: "there", scheme, date: expect.any(Date) });
    expect(registry.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /v2/"]);
    expect(registry.requests[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    [404, "not-a-registry"],
    [503, "server-error"],
  ])("an answer %d at /v2/ is %s", async (status, reason) => {
    const server = await plainServer((_request, response) => void response.writeHead(status).end());
    const greeting = await privateClient({ limits: { tries: 1 } }).ping(server.host);
    expect(greeting).toMatchObject({ verdict: "unknown", reason, hint: expect.any(String) });
  });

  it("tells what cannot be reached", async () => {
    const greeting = await privateClient({ limits: { tries: 1 } }).ping("127.0.0.1:1");
    expect(greeting).toMatchObject({ verdict: "unknown", reason: "refused" });
  });

  it("refuses what is no host", async () => {
    await expect(privateClient().ping("https://registry.example")).rejects.toMatchObject({
      code: "REFERENCE_INVALID",
    });
  });
});
