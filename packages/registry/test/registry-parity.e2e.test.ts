import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DockerRegistryOptions, startDockerRegistry } from "@imagespec/test-services";
import { describe, expect, onTestFinished, test } from "vitest";
import { type RegistryOptions, startRegistry, type TestRegistry } from "../src/testing/index.ts";
import { basic, bearer, send } from "../src/testing/test-support/send.ts";
import { blobSteps } from "./parity/blob-steps.ts";
import { type Compared, compare, differences, type Step } from "./parity/compare.ts";
import { deletionSteps, listSteps, pathSteps } from "./parity/list-steps.ts";
import { manifestSteps } from "./parity/manifest-steps.ts";
import { uploadSteps } from "./parity/upload-steps.ts";

async function startDocker(options: DockerRegistryOptions = {}): Promise<string> {
  const docker = await startDockerRegistry(options);
  onTestFinished(() => docker.stop());
  return docker.url;
}

async function startOurs(options: RegistryOptions): Promise<TestRegistry> {
  const ours = await startRegistry(options);
  onTestFinished(() => ours.close());
  return ours;
}

const steps: readonly Step[] = [
  ...uploadSteps,
  ...blobSteps,
  ...manifestSteps,
  ...listSteps,
  ...deletionSteps,
  ...pathSteps,
];

/** Where both answer otherwise, or do so no longer, though the step says that they do. */
function unexpected(compared: readonly Compared[]): readonly unknown[] {
  return compared
    .map((both) => ({ ...both.step, found: differences(both), told: both.step.differs?.ours ?? {} }))
    .filter(({ found, told }) => !isEqual(found, told))
    .map(({ name, found, told }) => ({ name, found, told }));
}

function isEqual(left: object, right: object): boolean {
  const sorted = (fields: object): string => JSON.stringify(Object.entries(fields).sort());
  return sorted(left) === sorted(right);
}

test("every endpoint answers as docker's registry does, but for what is said", async () => {
  const ours = await startOurs({ strictAccept: true, referrers: false });
  const compared = await compare({ docker: await startDocker(), ours: ours.url }, steps);
  expect(unexpected(compared)).toEqual([]);
  expect(compared.filter(({ docker }) => docker.status === undefined)).toEqual([]);
});

describe("who is asked for a login", () => {
  const closed: readonly Step[] = [
    { name: "ping", ask: "GET /v2/" },
    { name: "pull", ask: "GET /v2/a/b/tags/list" },
    { name: "push", ask: "POST /v2/a/b/blobs/uploads/" },
    { name: "mount", ask: "POST /v2/a/b/blobs/uploads/?mount=sha256:0&from=c/d" },
    { name: "delete", ask: "DELETE /v2/a/b/manifests/v1" },
    { name: "catalog", ask: "GET /v2/_catalog" },
  ];
  const login = { headers: basic("alice", "s3cret") };

  test("by htpasswd", async () => {
    const users = { alice: "s3cret" };
    const ours = await startOurs({ auth: { kind: "basic", realm: "basic-realm", users } });
    const compared = await compare({ docker: await startDocker({ users }), ours: ours.url }, [
      ...closed,
      { name: "a wrong password", ask: "GET /v2/", sending: { headers: basic("alice", "wrong") } },
      { name: "an unknown user", ask: "GET /v2/", sending: { headers: basic("bob", "s3cret") } },
      { name: "a login", ask: "GET /v2/", sending: login },
      { name: "a login that pushes", ask: "POST /v2/a/b/blobs/uploads/", sending: login },
    ]);
    expect(unexpected(compared)).toEqual([]);
  });

  test("by tokens, which docker's registry takes from ours", async () => {
    const ours = await startOurs({ auth: { kind: "bearer", tokens: "signed", users: { alice: "s3cret" } } });
    const directory = await mkdtemp(join(tmpdir(), "imagespec-parity-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const rootcertbundle = join(directory, "bundle.pem");
    await writeFile(rootcertbundle, ours.tokenCertificate ?? "");
    const [realm, service] = [`${ours.url}/token`, "imagespec-test-registry"];
    const token = { realm, service, issuer: "imagespec-test-issuer", rootcertbundle };
    const docker = await startDocker({ configuration: { auth: { token } } });
    const headers = async (scope: string): Promise<Record<string, string>> => {
      const { text } = await send(ours.url, `GET /token?service=${service}&scope=${scope}`, login);
      return bearer((JSON.parse(text) as { token: string }).token);
    };
    const push = { headers: await headers("repository:a/b:pull,push") };
    const all = { headers: await headers("repository:a/b:*+registry:catalog:*") };
    const compared = await compare({ docker, ours: ours.url }, [
      ...closed,
      { name: "a token", ask: "GET /v2/", sending: push },
      { name: "a token that pushes", ask: "POST /v2/a/b/blobs/uploads/", sending: push },
      { name: "a token without delete", ask: "DELETE /v2/a/b/manifests/v1", sending: push },
      { name: "a token for elsewhere", ask: "GET /v2/c/d/tags/list", sending: push },
      { name: "a token for everything", ask: `DELETE /v2/a/b/blobs/sha256:${"0".repeat(64)}`, sending: all },
      { name: "a token for the catalog", ask: "GET /v2/_catalog", sending: all },
      { name: "no token", ask: "GET /v2/", sending: { headers: bearer("nonsense") } },
    ]);
    expect(unexpected(compared)).toEqual([]);
  });
});
