import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connectEngine, createCertificateAuthority } from "@imagespec/test-services";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { dockerExecutor, ensureOfficialClient, startUnionBackend, type UnionBackend } from "../src/index.ts";

const run = promisify(execFile);
const { dockerHost, registry, baseImages } = inject("services");
const base = baseImages["python-venv"];
const client = connectEngine(dockerHost);
const script = fileURLToPath(new URL("support/official-build.py", import.meta.url));

const executor = dockerExecutor({ dockerHost, registry });
let python: string;
let cwd: string;
let backend: UnionBackend;

beforeAll(async () => {
  python = await ensureOfficialClient();
  cwd = await mkdtemp(path.join(tmpdir(), "imagespec-union-"));
  await mkdir(path.join(cwd, "src"));
  await writeFile(path.join(cwd, "src/main.py"), "print('hello')\n");
  await writeFile(path.join(cwd, "requirements.txt"), "six==1.16.0\n");
  await cp(fileURLToPath(new URL("../testdata", import.meta.url)), cwd, { recursive: true });
  backend = await startUnionBackend({ executor });
});

afterAll(async () => {
  await backend?.stop();
  await rm(cwd, { recursive: true, force: true });
});

type Answer = Readonly<{ stdout: string; stderr: string }>;

function official(name: string, endpoint: string, env: Record<string, string> = {}): Promise<Answer> {
  const home = { HOME: cwd, NO_COLOR: "1", PATH: `${path.dirname(python)}:${process.env.PATH}` };
  return run(python, [script, name, endpoint, base], { cwd, env: { ...process.env, ...home, ...env } });
}

const imageOf = ({ stdout }: Answer): string => stdout.trim().split("\n").at(-1) ?? "";

describe("the official client builds against the backend", () => {
  test.each(["packages", "requirements", "uv", "poetry", "copy"])("%s", async (name) => {
    const image = imageOf(await official(name, backend.endpoint));
    expect(image).toContain(`${registry}/official:`);
    expect((await client.getImage(image).inspect()).Id).toMatch(/^sha256:/);
  });

  test("an image that is there is built once", async () => {
    await official("packages", backend.endpoint);
    const before = backend.state.runs.size;
    expect(imageOf(await official("packages", backend.endpoint))).toContain(`${registry}/official:`);
    expect(backend.state.runs.size).toBe(before);
  });

  test("a build that fails", async () => {
    const answer = official("failing", backend.endpoint);
    await expect(answer).rejects.toThrow(/Build failed/);
  });

  test("client credentials over TLS", async () => {
    const authority = await createCertificateAuthority(path.join(cwd, "certificates"));
    const { certificateFile, keyFile } = await authority.issue("backend");
    const tls = { cert: await readFile(certificateFile), key: await readFile(keyFile) };
    const auth = { clientId: "cid", clientSecret: "sec+/ret" };
    const secured = await startUnionBackend({ executor, transport: tls, auth });
    try {
      const env = { CA_FILE: authority.certificateFile, SSL_CERT_FILE: authority.certificateFile };
      expect(imageOf(await official("packages", secured.endpoint, env))).toContain(`${registry}/official:`);
      expect(secured.state.tokens.size).toBeGreaterThan(0);
    } finally {
      await secured.stop();
    }
  });
});
