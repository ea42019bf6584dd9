import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Builder } from "@imagespec/core";
import { createCertificateAuthority } from "@imagespec/test-services";
import {
  type AuthOptions,
  type Executor,
  startUnionBackend,
  type UnionBackend,
} from "@imagespec/union-backend";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { union } from "../src/builder.ts";
import type { UnionOptions } from "../src/options.ts";
import { unionRequest } from "./support/union-request.ts";

const secret = "s3cr+t/of:the client";
const executor: Executor = async ({ target }) => `registry.example/${target}`;
const cleanUp: (() => Promise<void>)[] = [];
let directory: string;
let tls: { cert: Buffer; key: Buffer };
let ca: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "imagespec-union-"));
  const authority = await createCertificateAuthority(directory);
  ca = authority.certificateFile;
  const { certificateFile, keyFile } = await authority.issue("backend");
  tls = { cert: await readFile(certificateFile), key: await readFile(keyFile) };
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const step of cleanUp.splice(0).reverse()) await step();
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function securedBackend(auth: Partial<AuthOptions> = {}): Promise<UnionBackend> {
  const backend = await startUnionBackend({
    executor,
    transport: tls,
    auth: { clientId: "cid", clientSecret: secret, ...auth },
  });
  cleanUp.push(backend.stop);
  return backend;
}

/** A configuration in a file, as people have it. */
async function configured(
  { endpoint }: UnionBackend,
  admin: Readonly<Record<string, unknown>>,
): Promise<UnionOptions> {
  const config = path.join(directory, "config.yaml");
  const settings = {
    admin: { endpoint: `dns:///${endpoint}`, caCertFilePath: ca, ...admin },
    task: { project: "proj", domain: "development" },
  };
  await writeFile(config, JSON.stringify(settings));
  return { config };
}

const byCredentials = { authType: "ClientSecret", clientId: "cid", clientSecretEnvVar: "TEST_CLIENT_SECRET" };
const builder: Builder<UnionOptions> = union();

/** What came of a build, with all that was said on the way. */
async function attempt(options: UnionOptions) {
  const { request, events, dispose } = await unionRequest({ packages: ["a"], name: "app" }, { options });
  cleanUp.push(dispose);
  const outcome = await builder.build(request).catch((error: unknown) => error);
  const { message, details, code, reference } = outcome as {
    message?: string;
    details?: object;
    code?: string;
    reference?: string;
  };
  const said = JSON.stringify([message, details, events]);
  return { code, reference, said };
}

const built = { code: undefined, reference: expect.stringContaining("registry.example/app:") };

describe("client credentials over TLS with a private authority", () => {
  test.each<[string, Partial<AuthOptions>]>([
    ["the usual header", {}],
    ["a header of its own", { header: "flyte-authorization" }],
    ["a header that discovery leaves empty", { announcedHeader: "" }],
    ["an audience", { audience: "https://audience.example" }],
  ])("%s", async (_about, auth) => {
    vi.stubEnv("TEST_CLIENT_SECRET", secret);
    const backend = await securedBackend(auth);
    expect(await attempt(await configured(backend, byCredentials))).toMatchObject(built);
    expect(backend.state.tokens.size).toBe(1);
  });

  test("the same token serves the cluster that holds the data", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", secret);
    const backend = await securedBackend();
    backend.behaviour.cluster = "second";
    expect(await attempt(await configured(backend, byCredentials))).toMatchObject(built);
    expect(backend.state.tokens.size).toBe(1);
  });

  test("a token that is revoked on the way is renewed", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", secret);
    const backend = await securedBackend();
    backend.onCall.current = ({ procedure, turn }) => {
      if (procedure === "RunService/CreateRun" && turn === 1) backend.state.tokens.clear();
    };
    expect(await attempt(await configured(backend, byCredentials))).toMatchObject(built);
  });

  test("an API key needs no file", async () => {
    const backend = await securedBackend({ clientSecret: "plain" });
    vi.stubEnv("FLYTE_API_KEY", Buffer.from(`dns:///${backend.endpoint}:cid:plain:`).toString("base64"));
    vi.stubEnv("FLYTE_ADMIN_CACERTFILEPATH", ca);
    expect(await attempt({ project: "proj", domain: "development" })).toMatchObject(built);
  });

  test("a wrong secret is one error that shows nothing of it", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", "hunter2-hunter2");
    const { code, said } = await attempt(await configured(await securedBackend(), byCredentials));
    expect(code).toBe("UNION_SIGN_IN_FAILED");
    expect(said).toContain("invalid_client");
    expect(said).not.toContain("hunter2");
  });

  test("an authority that nobody trusts", async () => {
    vi.stubEnv("TEST_CLIENT_SECRET", secret);
    const options = await configured(await securedBackend(), { ...byCredentials, caCertFilePath: "" });
    expect((await attempt(options)).code).toBe("UNION_CERTIFICATE_UNTRUSTED");
  });
});

describe("other ways to sign in", () => {
  test("a command that prints a token", async () => {
    const backend = await securedBackend();
    backend.state.tokens.add("token-of-the-command");
    const admin = { authType: "ExternalCommand", command: ["echo", "token-of-the-command"] };
    const { said, ...outcome } = await attempt(await configured(backend, admin));
    expect(outcome).toMatchObject(built);
    expect(said).not.toContain("token-of-the-command");
  });

  test("a command that fails", async () => {
    const admin = { authType: "ExternalCommand", command: ["false"] };
    expect((await attempt(await configured(await securedBackend(), admin))).code).toBe(
      "UNION_SIGN_IN_FAILED",
    );
  });

  test.each(["Pkce", "DeviceFlow"])("%s wants a person, and names what does not", async (authType) => {
    const { code, said } = await attempt(await configured(await securedBackend(), { authType }));
    expect(code).toBe("UNION_SIGN_IN_UNSUPPORTED");
    expect(said).toContain("FLYTE_API_KEY");
  });
});
