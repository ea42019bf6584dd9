import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectEngine } from "@imagespec/test-services";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { compareLooks } from "./support/flytekit/compare.ts";
import { expectedDifferences } from "./support/flytekit/differences.ts";
import { lookInto } from "./support/flytekit/look-into.ts";
import { type FlytekitImages, makeFlytekitImages } from "./support/flytekit/make-images.ts";
import { caseNames } from "./support/flytekit/specs.ts";
import { buildSpecs } from "./support/suite-builds.ts";

const { dockerHost } = inject("services");
const client = connectEngine(dockerHost);

let folder: string;
let flytekit: FlytekitImages;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "imagespec-flytekit-"));
  flytekit = await makeFlytekitImages(folder);
});

afterAll(async () => {
  await flytekit?.forget();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  vi.stubEnv("DOCKER_HOST", dockerHost);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each(caseNames)("%s: our image is flytekit's, but for what is documented", async (name) => {
  const { spec, modules, folder, image } = flytekit.of(name);
  const { outcomes } = await buildSpecs(folder, [{ name: "ours", ...spec }]);
  const options = { modules, secrets: [flytekit.password] };
  const [theirs, ours] = await Promise.all(
    [image, outcomes[0]?.reference ?? ""].map((reference) => lookInto(client, reference, options)),
  );
  expect(compareLooks(theirs!, ours!)).toEqual(expectedDifferences(name));
});
