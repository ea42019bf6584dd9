import { linkSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fakeBuilder } from "../../test/fake-builder.ts";
import { BuilderRegistry } from "../builder/builder-registry.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import type { SecretSource } from "./build-services.ts";
import { createEngine } from "./image-engine.ts";

const cwd = mkdtempSync(join(tmpdir(), "imagespec-secrets-"));
writeFileSync(join(cwd, "main.py"), "print(1)\n");
writeFileSync(join(cwd, "token"), "hunter2\n");
linkSync(join(cwd, "token"), join(cwd, "same"));
writeFileSync(join(cwd, "requirements.txt"), "six\n");
afterAll(() => rmSync(cwd, { recursive: true }));

const tree: ImageSpec = { name: "app", builder: "fake", sourceRoot: "." };

type Asked = Readonly<{ spec?: ImageSpec; secrets?: Readonly<Record<string, SecretSource>>; wants?: string }>;

async function build({ spec = tree, secrets = {}, wants }: Asked) {
  const builder = fakeBuilder({
    build: async ({ services }) => {
      if (wants !== undefined) await services.secret(wants);
      return {};
    },
  });
  const engine = createEngine({ builders: new BuilderRegistry().register(builder), cwd });
  const [outcome] = await engine.build([spec], { push: false, force: true, secrets });
  return { error: outcome?.error, started: builder.started.length };
}

const refused = {
  code: "SPEC_SECRET_COPIED",
  details: { hint: expect.stringContaining(".dockerignore") },
};

test.each(["token", "same"])("a file of the source tree cannot be lent by the caller: %s", async (name) => {
  const { error, started } = await build({ secrets: { token: { file: join(cwd, name) } } });
  expect(error).toMatchObject(refused);
  expect(started).toBe(0);
});

test("nor one of what the image stands on", async () => {
  const spec: ImageSpec = { name: "above", builder: "fake", baseImage: tree };
  const { error, started } = await build({ spec, secrets: { token: { file: join(cwd, "token") } } });
  expect(error).toMatchObject({
    code: "BASE_FAILED",
    details: { hint: "what is lent as a secret is among the files of the image" },
  });
  expect(started).toBe(0);
});

test("nor can a builder ask for one by its path", async () => {
  expect((await build({ wants: "token" })).error).toMatchObject(refused);
});

test("a file that no image gets, a value and a variable are lent", async () => {
  const spec: ImageSpec = { ...tree, sourceRoot: undefined, copy: ["main.py"] };
  const secrets = { a: { file: join(cwd, "token") }, b: { value: "x" }, c: { variable: "PATH" } };
  expect(await build({ spec, secrets, wants: "a" })).toEqual({ error: undefined, started: 1 });
});
