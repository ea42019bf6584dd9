import { describeBuilder } from "@imagespec/builder-testkit";
import { BuilderRegistry, createEngine } from "@imagespec/core";
import { registryClient } from "@imagespec/registry";
import { openContainersStore } from "@imagespec/test-services";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
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

test("files and variables are there as the spec says", async () => {
  const builders = new BuilderRegistry().register(buildah());
  const engine = createEngine({ builders, registry: client, cwd: import.meta.dirname });
  const spec = {
    name: "said",
    registry: `http://${registry}/buildah`,
    baseImage: baseImages["python-nopip"],
    env: { PRICE: "$5, not $$5 or $HOME" },
    copy: ["package.json"],
    commands: ["test \"$PRICE\" = '$5, not $$5 or $HOME'", "grep imagespec-builder-buildah package.json"],
  };
  const [outcome] = await engine.build([{ ...spec, builder: "buildah" }]);
  expect(outcome).toMatchObject({ status: "built" });
});
