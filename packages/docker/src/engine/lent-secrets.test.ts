import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redactor } from "@imagespec/core";
import { expect, test } from "vitest";
import { CA_SECRET_ID } from "../options.ts";
import { readSecrets } from "./lent-secrets.ts";

const services = { secret: async (id: string) => Buffer.from(`value of ${id}`) };

test("gives the bytes by id, and every value is masked from then on", async () => {
  const redactor = new Redactor();
  const secrets = await readSecrets({ ids: ["a", "b"], options: {}, services, redactor });
  expect([...secrets].map(([id, bytes]) => [id, Buffer.from(bytes).toString()])).toEqual([
    ["a", "value of a"],
    ["b", "value of b"],
  ]);
  expect(redactor.text("it is value of a")).toBe("it is ***");
});

test.each([
  ["machine example.org\nlogin me\npassword hunter2\n", "wrong password for me: hunter2"],
  ["https://me:hunter2@example.org/simple\n", "cannot log in with hunter2"],
])("a password is masked without the file that holds it: %j", async (value, line) => {
  const redactor = new Redactor();
  await readSecrets({
    ids: ["x"],
    options: {},
    services: { secret: async () => Buffer.from(value) },
    redactor,
  });
  expect(redactor.text(line)).not.toContain("hunter2");
});

test("certificates come from the option's file and are not masked, for they are public", async () => {
  const folder = await mkdtemp(join(tmpdir(), "imagespec-ca-"));
  const caCertificates = join(folder, "ca.pem");
  await writeFile(caCertificates, "-----BEGIN CERTIFICATE-----\n");
  const redactor = new Redactor();
  try {
    const secrets = await readSecrets({
      ids: [CA_SECRET_ID],
      options: { caCertificates },
      services,
      redactor,
    });
    expect(Buffer.from(secrets.get(CA_SECRET_ID)!).toString()).toBe("-----BEGIN CERTIFICATE-----\n");
    expect(redactor.text("-----BEGIN CERTIFICATE-----")).toBe("-----BEGIN CERTIFICATE-----");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("certificates that cannot be read are named with the option", async () => {
  const options = { caCertificates: "nowhere/ca.pem" };
  const wanted = { ids: [CA_SECRET_ID], options, services, redactor: new Redactor() };
  await expect(readSecrets(wanted)).rejects.toMatchObject({
    code: "CA_CERTIFICATES_UNREADABLE",
    details: { field: "builderOptions.docker.caCertificates", file: "nowhere/ca.pem" },
  });
});

test("a secret that BuildKit would not take is refused by its size", async () => {
  const secret = async () => Buffer.alloc(512_001);
  const wanted = { ids: ["x"], options: {}, services: { secret }, redactor: new Redactor() };
  await expect(readSecrets(wanted)).rejects.toMatchObject({ code: "SECRET_TOO_LARGE" });
});
