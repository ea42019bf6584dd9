import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { startRegistry } from "../start-registry.ts";
import { running } from "../test-support/running.ts";
import { send } from "../test-support/send.ts";
import { createCertificateAuthority } from "./certificate-authority.ts";

describe("an authority", () => {
  test("issues certificates that are its own", () => {
    const authority = createCertificateAuthority({ name: "lab authority" });
    const root = new X509Certificate(authority.certificate);
    const { certificate, key } = authority.issue({
      name: "server",
      purpose: "server",
      hosts: ["reg.example.com", "10.1.2.3", "fd00::1:2"],
    });
    const leaf = new X509Certificate(certificate);
    expect([root.ca, leaf.ca]).toEqual([true, false]);
    expect([root.subject, leaf.subject, leaf.issuer]).toEqual([
      "CN=lab authority",
      "CN=server",
      "CN=lab authority",
    ]);
    expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.subjectAltName).toBe(
      "DNS:reg.example.com, IP Address:10.1.2.3, IP Address:FD00:0:0:0:0:0:1:2",
    );
    expect(key).toContain("BEGIN PRIVATE KEY");
  });

  test.each([
    ["2049-12-31T23:59:59Z", "Dec 31 23:59:59 2049 GMT"],
    ["2050-01-01T00:00:00Z", "Jan  1 00:00:00 2050 GMT"],
  ])("writes the time %s as X.509 wants it", (notAfter, expected) => {
    const authority = createCertificateAuthority();
    const { certificate } = authority.issue({ name: "a", purpose: "client", notAfter: new Date(notAfter) });
    expect(new X509Certificate(certificate).validTo).toBe(expected);
  });
});

describe("https", () => {
  test("with a private authority: trusted by who knows it, on every loopback name", async () => {
    const { registry } = await running({ tls: true });
    const tls = { ca: registry.certificateAuthority };
    expect(registry.url).toMatch(/^https:/);
    expect((await send(registry.url, "GET /v2/", { tls })).status).toBe(200);
    const { headers } = await send(`https://localhost:${registry.port}`, "POST /v2/a/blobs/uploads/", {
      tls,
    });
    expect(headers.location).toContain(`https://localhost:${registry.port}/`);
    await expect(send(registry.url, "GET /v2/")).rejects.toMatchObject({
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
  });

  test("with a certificate of one's own that has expired", async () => {
    const authority = createCertificateAuthority();
    const expired = authority.issue({ name: "a", purpose: "server", notAfter: new Date(Date.now() - 1000) });
    const { registry } = await running({ tls: expired });
    expect(registry.certificateAuthority).toBeUndefined();
    const tls = { ca: authority.certificate };
    await expect(send(registry.url, "GET /v2/", { tls })).rejects.toMatchObject({ code: "CERT_HAS_EXPIRED" });
  });

  test("with client certificates: those of the authority come in, nobody else", async () => {
    const clients = createCertificateAuthority({ name: "clients" });
    const { registry } = await running({ tls: { clientAuthority: clients.certificate } });
    const ca = registry.certificateAuthority;
    const withCertificate = async (authority: typeof clients): Promise<number> => {
      const { certificate, key } = authority.issue({ name: "alice", purpose: "client" });
      return (await send(registry.url, "GET /v2/", { tls: { ca, cert: certificate, key } })).status;
    };
    expect(await withCertificate(clients)).toBe(200);
    await expect(send(registry.url, "GET /v2/", { tls: { ca } })).rejects.toThrow();
    await expect(withCertificate(createCertificateAuthority({ name: "strangers" }))).rejects.toThrow();
    expect(registry.requests).toHaveLength(1);
  });

  test("half a certificate is refused", async () => {
    await expect(startRegistry({ tls: { certificate: "x" } })).rejects.toMatchObject({
      code: "REGISTRY_OPTION_INVALID",
    });
  });
});
