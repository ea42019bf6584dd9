import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connectEngine, createCertificateAuthority, ensureSystemPackages } from "@imagespec/test-services";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { dockerExecutor, startUnionBackend, type UnionBackend } from "../src/index.ts";

const run = promisify(execFile);
const { dockerHost, registry, baseImages } = inject("services");
const base = baseImages["python-venv"];
const client = connectEngine(dockerHost);
/** The client calls uv to look into locks. */
const packages = ["flyte==2.12.1", "uv"];
const environment = fileURLToPath(new URL("../../../.cache/union/official", import.meta.url));
const python = path.join(environment, "bin/python");
const script = fileURLToPath(new URL("support/official-build.py", import.meta.url));

/** Kept between runs; another release makes it anew. */
async function installOfficialClient(): Promise<void> {
  const stamp = path.join(environment, "installed");
  const installed = await readFile(stamp, "utf8").catch(() => "");
  if (installed === packages.join(" ")) return;
  await ensureSystemPackages(["pip3"]);
  await rm(environment, { recursive: true, force: true });
  await run("python3", ["-m", "venv", "--without-pip", environment]);
  await run("pip3", ["--python", python, "install", "--quiet", ...packages]);
  await writeFile(stamp, packages.join(" "));
}

const executor = dockerExecutor({ dockerHost, registry });
let cwd: string;
let backend: UnionBackend;

beforeAll(async () => {
  await installOfficialClient();
  cwd = await mkdtemp(path.join(tmpdir(), "imagespec-union-"));
  await mkdir(path.join(cwd, "src"));
  await mkdir(path.join(cwd, "uv"));
  await writeFile(path.join(cwd, "src/main.py"), "print('hello')\n");
  await writeFile(path.join(cwd, "requirements.txt"), "six==1.16.0\n");
  await writeFile(
    path.join(cwd, "uv/pyproject.toml"),
    '[project]\nname = "demo"\nversion = "1.0"\nrequires-python = ">=3.9"\n',
  );
  await writeFile(
    path.join(cwd, "uv/uv.lock"),
    'version = 1\nrevision = 3\nrequires-python = ">=3.9"\n\n[[package]]\nname = "demo"\nversion = "1.0"\nsource = { virtual = "." }\n',
  );
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
  test.each(["packages", "requirements", "uv", "copy"])("%s", async (name) => {
    const image = imageOf(await official(name, backend.endpoint));
    expect(image).toContain(`${registry}/official:`);
    expect((await client.getImage(image).inspect()).Id).toMatch(/^sha256:/);
  });

  test("an image that is there is built once", async () => {
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
