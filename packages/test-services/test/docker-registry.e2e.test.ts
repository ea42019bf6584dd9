import { readFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { afterAll, expect, inject, test } from "vitest";
import { type CertificateAuthority, createCertificateAuthority } from "../src/certificates.ts";
import { type DockerRegistryOptions, startDockerRegistry } from "../src/docker-registry.ts";
import { createServiceDirectory, startService } from "../src/service.ts";
import { startTokenServer } from "../src/token-server.ts";

const manifest = "/v2/base/python-nopip/manifests/1";
const basic = (user: string, password: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});

const files = startService(createServiceDirectory("certificates"), ["sleep", "infinity"]);
afterAll(() => files.stop());

const createAuthority = (): Promise<CertificateAuthority> =>
  createCertificateAuthority(join(files.directory, "authority"));

async function withRegistry<T>(options: DockerRegistryOptions, use: (url: string) => Promise<T>): Promise<T> {
  const registry = await startDockerRegistry(options);
  try {
    return await use(registry.url);
  } finally {
    await registry.stop();
  }
}

test("with users it wants a password", async () => {
  const statuses = await withRegistry({ users: { alice: "s3cret" } }, async (url) => {
    const answers = [
      await fetch(`${url}/v2/`),
      await fetch(`${url}/v2/`, { headers: basic("alice", "wrong") }),
      await fetch(`${url}/v2/`, { headers: basic("alice", "s3cret") }),
    ];
    return answers.map((answer) => answer.status);
  });
  expect(statuses).toEqual([401, 401, 200]);
});

test("with a token server it takes that server's tokens, for what they grant", async () => {
  const tokens = await startTokenServer({
    users: { alice: "s3cret" },
    allow: (user) => (user ? ["pull"] : []),
  });
  const scope = "repository:base/python-nopip:pull,push";
  const ask = (headers?: Record<string, string>): Promise<Response> =>
    fetch(`${tokens.url}?service=test-registry&scope=${scope}`, headers === undefined ? {} : { headers });
  const statuses = await withRegistry(
    { tokenServer: tokens, proxy: `http://${inject("services").registry}` },
    async (url) => {
      const { token } = (await (await ask(basic("alice", "s3cret"))).json()) as { token: string };
      const { token: nobody } = (await (await ask()).json()) as { token: string };
      const bearer = (value: string): RequestInit => ({ headers: { authorization: `Bearer ${value}` } });
      const answers = [
        await fetch(url + manifest),
        await fetch(url + manifest, bearer(nobody)),
        await fetch(url + manifest, bearer(token)),
      ];
      expect(answers[0]?.headers.get("www-authenticate")).toContain(`realm="${tokens.url}"`);
      return answers.map((answer) => answer.status);
    },
  );
  expect(statuses).toEqual([401, 401, 200]);
  expect((await ask(basic("alice", "wrong"))).status).toBe(401);
  expect(tokens.requests.map(({ user }) => user)).toEqual(["alice", undefined]);
  await tokens.stop();
});

type ClientFiles = Readonly<{ ca: string; cert?: Buffer; key?: Buffer }>;

const statusOf = (url: string, client: ClientFiles): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get(`${url}/v2/`, client, (answer) => resolve(answer.resume().statusCode)).on("error", reject);
  });

test("with an authority it speaks https, and asks for client certificates", async () => {
  const authority = await createAuthority();
  const registry = await startDockerRegistry({ tls: { authority, clientCertificates: true } });
  const ca = registry.ca ?? "";
  const { certificateFile, keyFile } = await authority.issue("client");
  const [cert, key] = [await readFile(certificateFile), await readFile(keyFile)];
  await expect(statusOf(registry.url, { ca })).rejects.toThrow();
  expect(await statusOf(registry.url, { ca, cert, key })).toBe(200);
  await registry.stop();
});

test("as a pull-through cache it gives what the other has", async () => {
  const proxy = `http://${inject("services").registry}`;
  const answers = await withRegistry({ proxy }, async (url) => {
    const found = await fetch(url + manifest);
    const missing = await fetch(`${url}/v2/base/python-nopip/manifests/none`);
    return [found.status, missing.status];
  });
  expect(answers).toEqual([200, 404]);
});
