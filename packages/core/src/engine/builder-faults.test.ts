import { describe, expect, test } from "vitest";
import { type FakeOptions, fakeBuilder } from "../../test/fake-builder.ts";
import { type FakeRegistry, fakeRegistry } from "../../test/fake-registry.ts";
import type { AnyBuilder } from "../builder/builder-registry.ts";
import { BuilderRegistry } from "../builder/builder-registry.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { createEngine } from "./image-engine.ts";

const reference = "registry.example/team/app";
const pushed = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;

/** What one build by a builder of somebody's ends with. */
async function failureOf(builder: AnyBuilder, registry?: FakeRegistry): Promise<readonly unknown[]> {
  const builders = new BuilderRegistry().register(builder, { priority: 1 });
  const engine = createEngine({ builders, registry, hostPlatform: "linux/amd64" });
  const spec = { name: "app", registry: "registry.example/team", labels: { a: "b" } };
  const told = async (): Promise<unknown> => (await engine.build([spec], { force: true }))[0]?.error;
  const error = await told().catch((thrown: unknown) => thrown);
  if (!ImageSpecError.isInstance(error)) throw error;
  return [error.code, error.message, error.details.hint];
}

const broken = (): never => {
  throw new TypeError("x is not a function");
};
const labels = { labels: true } as const;

describe("what a builder throws is told as its own fault, by its name", () => {
  test.each<[string, FakeOptions]>([
    ["check", { check: broken }],
    ["includesBase", { includesBase: broken }],
    ["fingerprintOptions", { fingerprintOptions: broken }],
    ["exists", { exists: async () => broken() }],
    ["build", { build: async () => broken() }],
  ])("%s", async (name, options) => {
    expect(await failureOf(fakeBuilder({ capabilities: labels, ...options }), fakeRegistry())).toEqual([
      "BUILDER_FAILED",
      `the fake builder failed in ${name}: x is not a function`,
      "this is a fault of the fake builder, not of the spec: run again with --debug and report it there",
    ]);
  });

  test("probe, which others may then stand in for", async () => {
    const builders = new BuilderRegistry()
      .register(fakeBuilder({ name: "broken", probe: broken }), { priority: 2 })
      .register(fakeBuilder({ name: "silent", probe: async () => undefined as never }), { priority: 1 });
    const never = new AbortController().signal;
    await expect(builders.choose(never, () => ({}))).rejects.toMatchObject({
      code: "BUILDER_UNAVAILABLE",
      message:
        "no builder is available: broken: the broken builder failed in probe: x is not a function; " +
        "silent: the silent builder failed in probe: it does not say whether it is available",
    });
    builders.register(fakeBuilder(), { priority: 0 });
    expect((await builders.choose(never, () => ({}))).name).toBe("fake");
  });
});

describe("a builder that says something else than the registry", () => {
  async function buildWith(result: object | undefined, there: Readonly<Record<string, string>>) {
    const registry = fakeRegistry();
    const build: AnyBuilder["build"] = async (request) => {
      registry.pushed.set(request.reference, pushed);
      for (const [name, digest] of Object.entries(there)) registry.pushed.set(name, digest);
      return result as never;
    };
    return failureOf({ ...fakeBuilder({ capabilities: labels }), build }, registry);
  }

  const says = "the fake builder says that it is done, but";

  test.each<[string, object | undefined, Readonly<Record<string, string>>, string]>([
    ["gives nothing", undefined, {}, `${says} not under which name`],
    ["gives no digest", { reference, digest: "latest" }, {}, `${says} its digest is none: "latest"`],
    [
      "never pushed",
      { reference: `${reference}:9`, digest: pushed },
      {},
      `${says} ${reference}:9 is not in the registry`,
    ],
    [
      "names another digest",
      { reference: `${reference}:9`, digest: other },
      { [`${reference}:9`]: pushed },
      `${says} the registry has no ${other}: ${reference}:9 is ${pushed}`,
    ],
  ])("%s", async (_, result, there, message) => {
    expect((await buildWith(result, there)).slice(0, 2)).toEqual(["BUILDER_RESULT", message]);
  });

  test("is right where the image that it pushed is there, and another has its tag", async () => {
    const result = { reference: `${reference}:9`, digest: other, warnings: [] };
    const there = { [`${reference}:9`]: pushed, [`${reference}@${other}`]: other };
    const [code, , hint] = await buildWith(result, there);
    expect([code, hint]).toEqual([
      "BUILD_DIFFERS",
      "somebody else pushes to this tag, or the registry changes what it is given; build again with --force",
    ]);
  });
});

describe("what is no builder", () => {
  const good = fakeBuilder();
  const register = (value: unknown) => () => new BuilderRegistry().register(value as AnyBuilder);

  test.each([
    ["nothing", undefined],
    ["no name", { ...good, name: undefined }],
    ["no probe", { ...good, probe: undefined }],
    ["no version", { ...good, interfaceVersion: undefined }],
    ["capabilities that are no data", { ...good, capabilities: undefined }],
  ])("%s", (_, value) => {
    expect(register(value)).toThrow(/is not a builder$/);
  });

  test("one of another version, whatever it looks like", () => {
    expect(register({ interfaceVersion: 2, name: "next" })).toThrow(
      'the builder "next" speaks version 2 of the builder interface, this is version 1',
    );
  });

  test("a package whose builder has another name", async () => {
    const builders = new BuilderRegistry({ load: async () => fakeBuilder({ name: "other" }) });
    await expect(builders.get("kaniko")).rejects.toMatchObject({
      code: "BUILDER_INTERFACE",
      message: 'imagespec-builder-kaniko makes a builder called "other"',
    });
  });
});
