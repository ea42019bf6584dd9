import { expect, test } from "vitest";
import { type FakeOptions, fakeBuilder } from "../../test/fake-builder.ts";
import { digestOf, lockedImage, lockOf, python } from "../../test/locks.ts";
import type { BuildRequest, Existence } from "../builder/builder.ts";
import { BuilderRegistry } from "../builder/builder-registry.ts";
import { noop } from "../builder/noop-builder.ts";
import type { BuildEvent } from "../engine/events.ts";
import { createEngine } from "../engine/image-engine.ts";
import { baseReference } from "../plan/base-reference.ts";
import { fingerprint } from "../plan/fingerprint.ts";
import { resolvePlan } from "../plan/resolve-plan.ts";
import { specId } from "../plan/spec-id.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { emptyLock, type ImageLock } from "./image-lock.ts";

const lock = lockOf({ [python]: lockedImage("a"), "docker.io/library/helper:1": lockedImage("b") });

async function tagOf(spec: ImageSpec, given?: ImageLock): Promise<string> {
  return fingerprint(await resolvePlan(spec, { lock: given }));
}

test("a locked base is part of the tag by its digest, at any depth; the image's identity stays", async () => {
  const spec = { packages: ["pandas"] };
  const nested = { baseImage: spec };
  const other = lockOf({ [python]: lockedImage("c") });
  const tags = [await tagOf(spec), await tagOf(spec, lock), await tagOf(spec, other)];
  const onTop = [await tagOf(nested), await tagOf(nested, lock), await tagOf(nested, other)];
  expect(new Set([...tags, ...onTop]).size).toBe(6);
  expect((await resolvePlan(spec, { lock })).id).toBe(specId(spec));
});

test("a lock without the base changes no tag, nor does the lock of another platform's manifest", async () => {
  expect(await tagOf({}, emptyLock)).toBe(await tagOf({}));
  expect(await tagOf({ baseImage: "debian:12" }, lock)).toBe(await tagOf({ baseImage: "debian:12" }));
  const wider = lockOf({ [python]: lockedImage("a", "linux/amd64", "linux/arm64") });
  expect(await tagOf({}, wider)).toBe(await tagOf({}, lock));
});

test("a digest of the spec's own counts before the lock", async () => {
  const baseImage = `python:3.12-slim-bookworm@${digestOf("d")}`;
  const { base } = await resolvePlan({ baseImage }, { lock });
  expect(baseReference(base)).toBe(`docker.io/library/python@${digestOf("d")}`);
});

const absent = async (): Promise<Existence> => ({ verdict: "absent" });

function engineWith(given: ImageLock | undefined, exists: FakeOptions["exists"] = absent) {
  const requests: BuildRequest<unknown>[] = [];
  const fake = fakeBuilder({
    build: async (request) => {
      requests.push(request);
      return {};
    },
    exists,
  });
  const builders = new BuilderRegistry().register(fake, { priority: 1 }).register(noop());
  return { requests, engine: createEngine({ builders, lock: given, hostPlatform: "linux/amd64" }) };
}

async function warningsOf(
  given: ImageLock | undefined,
  specs: readonly ImageSpec[],
  exists?: FakeOptions["exists"],
): Promise<readonly string[]> {
  const events: BuildEvent[] = [];
  await engineWith(given, exists).engine.build(specs, { onEvent: (event) => events.push(event) });
  return events.flatMap((event) => (event.type === "warning" ? [`${event.code} ${event.message}`] : []));
}

test("builders are given the base by digest, and the digests of what else they take", async () => {
  const { requests, engine } = engineWith(lock);
  await engine.build([{}]);
  expect(baseReference(requests[0]!.plan.base)).toBe(`docker.io/library/python@${digestOf("a")}`);
  expect(requests[0]!.pins?.get("docker.io/library/helper:1")).toBe(digestOf("b"));
});

test("bases that are not locked are told of once, where there is a project that could lock them", async () => {
  const specs = [
    { name: "a" },
    { name: "b", baseImage: "debian:12" },
    { name: "c", baseImage: { name: "d" } },
  ];
  expect(await warningsOf(undefined, specs)).toEqual([]);
  expect(await warningsOf(emptyLock, specs)).toEqual([
    `BASE_UNLOCKED docker.io/library/debian:12, ${python} are taken by their names, which may mean something else tomorrow`,
  ]);
  expect(await warningsOf(lock, [{}])).toEqual([]);
});

test("where nothing is built, nothing is told of bases", async () => {
  const present = async (request: BuildRequest<unknown>): Promise<Existence> => ({
    verdict: "present",
    image: { reference: request.reference },
  });
  expect(await warningsOf(emptyLock, [{}], present)).toEqual([]);
});

test("noop stands for the locked image", async () => {
  const [outcome] = await engineWith(lock).engine.build([{ builder: "noop" }]);
  expect(outcome?.image).toMatchObject({ reference: python, digest: digestOf("a") });
});
