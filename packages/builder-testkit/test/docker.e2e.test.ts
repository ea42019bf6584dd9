import { docker } from "@imagespec/docker";
import { registryClient } from "@imagespec/registry";
import type {} from "@imagespec/test-services";
import { afterAll, beforeAll, inject, vi } from "vitest";
import { describeBuilder } from "../src/index.ts";

const { dockerHost, registry, baseImages } = inject("services");
const client = registryClient();

beforeAll(() => {
  vi.stubEnv("DOCKER_HOST", dockerHost);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await client.close();
});

describeBuilder({
  create: () => docker(),
  place: async () => ({
    client,
    registry: `${registry}/conformance`,
    spec: { baseImage: baseImages["python-system"] },
    packages: ["six==1.16.0"],
  }),
});
