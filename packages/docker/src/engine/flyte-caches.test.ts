import { expect, test } from "vitest";
import { builderName, builderSource } from "./drivers/builder-name.ts";
import { flyteCaches } from "./flyte-caches.ts";

const caches = (from?: string, to?: string) =>
  flyteCaches({ FLYTE_DOCKER_BUILDER_CACHE_FROM: from, FLYTE_DOCKER_BUILDER_CACHE_TO: to });

test.each([
  [
    "type=registry,ref=ghcr.io/org/cache,mode=max",
    { type: "registry", ref: "ghcr.io/org/cache", mode: "max" },
  ],
  ["ghcr.io/org/cache:main", { type: "registry", ref: "ghcr.io/org/cache:main" }],
  ["type=local,src=a=b", { type: "local", src: "a=b" }],
  ["type=gha", { type: "gha" }],
])("%s is a cache", (text, cache) => {
  expect(caches(text, "type=inline")).toEqual({ cacheFrom: [cache], cacheTo: [{ type: "inline" }] });
});

test("one without the other is none, as in flyte", () => {
  expect([caches("a"), caches(undefined, "a"), caches("a", ""), caches()]).toEqual([{}, {}, {}, {}]);
});

test.each([
  "type=s3,bucket=x",
  "ref=x",
  "type=registry,ref",
  'type=registry,"ref=x"',
  "type=local,src=a\nb",
  ",",
])("%j is refused", (text) => {
  expect(() => caches("type=inline", text)).toThrow(
    expect.objectContaining({
      code: "BUILDER_OPTIONS",
      message: "FLYTE_DOCKER_BUILDER_CACHE_TO is not a cache as docker buildx takes it",
    }),
  );
});

test.each([
  [{}, {}, undefined, "nothing"],
  [{}, { BUILDX_BUILDER: "b" }, "b", "BUILDX_BUILDER"],
  [
    {},
    { BUILDX_BUILDER: "b", FLYTE_DOCKER_BUILDKIT_BUILDER_NAME: "f" },
    "f",
    "FLYTE_DOCKER_BUILDKIT_BUILDER_NAME",
  ],
  [{}, { BUILDX_BUILDER: "b", FLYTE_DOCKER_BUILDKIT_BUILDER_NAME: "" }, "b", "BUILDX_BUILDER"],
  [{ builder: "o" }, { FLYTE_DOCKER_BUILDKIT_BUILDER_NAME: "f" }, "o", "builderOptions.docker.builder"],
])("of %j and %j the builder is %s, by %s", (options, environment, name, source) => {
  expect(builderName(options, environment)).toBe(name);
  expect(builderSource(options, environment)).toBe(source);
});
