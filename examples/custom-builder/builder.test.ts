import { describeBuilder } from "@imagespec/builder-testkit";
import { registryClient } from "@imagespec/registry";
import { openContainersStore } from "@imagespec/test-services";
import { afterAll, beforeAll, inject, vi } from "vitest";
import buildah from "./builder.ts";

const { registry, baseImages } = inject("services");
const client = registryClient();
const store = await openContainersStore();

beforeAll(() => {
  for (const [name, value] of Object.entries(store.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([store.stop(), client.close()]);
});

describeBuilder({
  create: buildah,
  place: async () => ({
    client,
    registry: `http://${registry}/buildah`,
    spec: { baseImage: baseImages["python-nopip"] },
  }),
});
