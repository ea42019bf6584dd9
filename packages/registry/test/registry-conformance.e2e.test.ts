import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { type RegistryOptions, startRegistry } from "../src/testing/index.ts";

/**
 * The OCI distribution specification's conformance suite, version 1.1, as one program (`docs/test-registry.md`). It is
 * in no package registry, so that nothing can fetch it here.
 */
const program = process.env.OCI_CONFORMANCE_PROGRAM;
const users = { alice: "s3cret" };
const [user, password] = Object.entries(users)[0] ?? [];
const logins: readonly [string, RegistryOptions][] = [
  ["without a login", {}],
  ["with a password", { auth: { kind: "basic", users }, relativeLocations: true }],
  ["with opaque tokens", { auth: { kind: "bearer", users } }],
  ["with signed tokens", { auth: { kind: "bearer", users, tokens: "signed" } }],
];

if (program === undefined) {
  console.warn(
    "OCI_CONFORMANCE_PROGRAM is not set: the public conformance suite is not run against the registry.",
  );
}

test.skipIf(program === undefined).each(logins)(
  "the public conformance suite passes %s",
  async (_, options) => {
    const registry = await startRegistry(options);
    onTestFinished(() => registry.close());
    const folder = await mkdtemp(join(tmpdir(), "imagespec-conformance-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const credentials = options.auth === undefined ? {} : { OCI_USERNAME: user, OCI_PASSWORD: password };
    const env = { ...process.env, ...credentials, ...environment(registry.url, registry.host) };
    const { stdout } = await promisify(execFile)(program ?? "", { cwd: folder, env });
    expect(stdout).toMatch(/[^0-9]0 Failed|OCI Conformance Result: Pass/);
  },
);

/** For both forms of the suite: that of version 1.1.1, and the one after it. */
function environment(url: string, host: string): Readonly<Record<string, string>> {
  return {
    OCI_ROOT_URL: url,
    OCI_NAMESPACE: "conformance/one",
    OCI_CROSSMOUNT_NAMESPACE: "conformance/two",
    OCI_TEST_PULL: "1",
    OCI_TEST_PUSH: "1",
    OCI_TEST_CONTENT_DISCOVERY: "1",
    OCI_TEST_CONTENT_MANAGEMENT: "1",
    OCI_REGISTRY: host,
    OCI_TLS: "disabled",
    OCI_VERSION: "1.1",
  };
}
