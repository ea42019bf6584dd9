import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ImageSpec } from "../spec/image-spec.ts";
import { fingerprint } from "./fingerprint.ts";
import { resolvePlan } from "./resolve-plan.ts";

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const words = fc.uniqueArray(word, { minLength: 1, maxLength: 4 });
const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((value) => !value.includes("\0"));
const record = fc.dictionary(word, text, { minKeys: 1, maxKeys: 3, noNullPrototype: true });

/** Fields that reach the image, each with a way to make a value of it. Files have tests of their own. */
const reaching = {
  baseImage: word.map((name) => `registry.example/${name}:1`),
  pythonVersion: fc.constantFrom("3.9", "3.10", "3.11", "3.12", "3.13"),
  packages: words,
  condaPackages: words,
  condaChannels: words,
  aptPackages: words,
  env: record,
  extraPath: words,
  commands: fc.array(text, { minLength: 1, maxLength: 3 }),
  workDirectory: word.map((name) => `/srv/${name}`),
  entrypoint: fc.array(text, { minLength: 1, maxLength: 3 }),
  platform: fc.constantFrom("linux/amd64", "linux/arm64", "linux/arm/v7", "linux/s390x"),
  cuda: word,
  cudnn: word,
  pipIndex: word.map((name) => `https://${name}.example/simple`),
  pipExtraIndexUrl: words,
  pipExtraArgs: words,
  pythonExec: word.map((name) => `/opt/${name}/bin/python`),
  labels: record,
} satisfies Partial<Record<keyof ImageSpec, fc.Arbitrary<unknown>>>;

const spec: fc.Arbitrary<ImageSpec> = fc.record(reaching, { requiredKeys: ["packages"] });

/** Fields that say where the image goes and how it is made; none of them is in the image. */
const notReaching = fc.record({
  name: word,
  registry: word.map((name) => `registry.example/${name}`),
  builder: fc.constantFrom("docker", "envd", "union"),
  registryConfig: word,
  runtimePackages: words,
  pipSecretMounts: fc.constant([["netrc", "/etc/netrc"]] as const),
});

const hostPlatform = "linux/amd64";
const tagOf = async (value: ImageSpec): Promise<string> =>
  fingerprint(await resolvePlan(value, { hostPlatform }));

function reversed(value: ImageSpec): ImageSpec {
  const flip = <T>(list: readonly T[] | undefined): T[] | undefined => list && [...list].reverse();
  const flipRecord = (one: Readonly<Record<string, string>> | undefined) =>
    one && Object.fromEntries(Object.entries(one).reverse());
  const changed = {
    ...value,
    packages: flip([...(value.packages ?? []), ...(value.packages ?? [])]),
    aptPackages: flip(value.aptPackages),
    condaPackages: flip(value.condaPackages),
    env: flipRecord(value.env),
    labels: flipRecord(value.labels),
  };
  return Object.fromEntries(Object.entries(changed).reverse());
}

describe("the fingerprint", () => {
  test("changes with every field that reaches the image", async () => {
    const change = fc.constantFrom(...(Object.keys(reaching) as (keyof typeof reaching)[]));
    const pair = fc
      .tuple(spec, change)
      .chain(([before, field]) =>
        fc.tuple(fc.constant(before), fc.constant(field), reaching[field] as fc.Arbitrary<unknown>),
      );
    await fc.assert(
      fc.asyncProperty(pair, async ([before, field, value]) => {
        const after = { ...before, [field]: value } as ImageSpec;
        const same = JSON.stringify(canonical(before[field])) === JSON.stringify(canonical(value));
        const isDefaultPython =
          field === "pythonVersion" && value === "3.12" && before.baseImage === undefined;
        fc.pre(!same && !isDefaultPython);
        expect(await tagOf(after)).not.toBe(await tagOf(before));
      }),
      { numRuns: 1500 },
    );
  });

  test("does not change with order or repetition that means nothing", async () => {
    await fc.assert(
      fc.asyncProperty(spec, async (value) => {
        expect(await tagOf(reversed(value))).toBe(await tagOf(value));
      }),
      { numRuns: 500 },
    );
  });

  test("does not change with name, registry, builder, credentials and secrets", async () => {
    await fc.assert(
      fc.asyncProperty(spec, notReaching, async (value, rest) => {
        const pinned = { platform: "linux/amd64", ...value };
        expect(await tagOf({ ...pinned, ...rest })).toBe(await tagOf(pinned));
      }),
      { numRuns: 500 },
    );
  });
});

/** What a field means when order does not: lists that are sets sorted, the default of the platform filled in. */
function canonical(value: unknown): unknown {
  if (value === undefined) return "linux/amd64";
  if (Array.isArray(value)) return [...value].sort();
  if (typeof value === "object" && value !== null) return Object.entries(value).sort();
  return value;
}
