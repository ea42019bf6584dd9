import { describeBuilder } from "@imagespec/builder-testkit";
import { registryClient } from "@imagespec/registry";
import { dockerExecutor, startUnionBackend, type UnionBackend } from "@imagespec/union-backend";
import { afterAll, beforeAll, inject } from "vitest";
import { union } from "../src/index.ts";

const { dockerHost, registry, baseImages } = inject("services");
const client = registryClient();
let backend: UnionBackend;

beforeAll(async () => {
  backend = await startUnionBackend({ executor: dockerExecutor({ dockerHost, registry }) });
});
afterAll(async () => {
  await backend?.stop();
  await client.close();
});

describeBuilder({
  create: () =>
    union({ endpoint: backend?.endpoint, insecure: true, project: "proj", domain: "development" }) as never,
  // Its secrets are stored with Union, and mounted in one place.
  secretMount: ["conformance/token", "/etc/flyte/secrets"],
  place: async () => ({
    client,
    registry,
    spec: { baseImage: baseImages["python-venv"], platform: "linux/amd64" },
  }),
});
