import { resolvePlan } from "@imagespec/core";
import type { BuildRequest } from "@imagespec/core/builder";
import { expect, test } from "vitest";
import type { EnvdContext } from "../cli/use-context.ts";
import type { EnvdOptions } from "../options.ts";
import { buildWords } from "./command-line.ts";

const tcp: EnvdContext = { builder: "tcp", address: "h:1" };

type Parts = Readonly<{
  options?: EnvdOptions;
  registry?: string;
  destination?: "registry" | "local";
  context?: EnvdContext;
}>;

async function wordsOf({
  options = {},
  registry = "ghcr.io/org",
  destination = "registry",
  context = tcp,
}: Parts) {
  const plan = await resolvePlan({ name: "app", baseImage: "debian:12", platform: "linux/arm64", registry });
  const request = { plan, options, reference: "ghcr.io/org/app:1", destination };
  return buildWords(request as unknown as BuildRequest<EnvdOptions>, { context, folder: "/f" });
}

const head = ["build", "--path", "/f", "--force", "--platform", "linux/arm64"];

test("where envd can push, it does", async () => {
  expect(await wordsOf({})).toEqual([...head, "--output", "type=image,name=ghcr.io/org/app:1,push=true"]);
});

test("Docker's engine, and a build for it, get a tag", async () => {
  const tagged = [...head, "--tag", "ghcr.io/org/app:1"];
  expect(await wordsOf({ context: { builder: "moby-worker" } })).toEqual(tagged);
  expect(await wordsOf({ destination: "local" })).toEqual(tagged);
});

test("plain http is allowed where the spec says so, and attributes are fields of CSV", async () => {
  const output = { compression: "zstd", "annotation.title": 'a, "b"' };
  const words = await wordsOf({ registry: "http://h.example:5000/org", options: { output } });
  expect(words.at(-1)).toBe(
    'type=image,name=ghcr.io/org/app:1,push=true,registry.insecure=true,compression=zstd,"annotation.title=a, ""b"""',
  );
});

test("caches are handed on", async () => {
  const [exportCache, importCache] = ["type=registry,ref=h/a", "type=registry,ref=h/b"];
  const words = await wordsOf({ options: { exportCache, importCache } });
  expect(words.slice(-4)).toEqual(["--export-cache", exportCache, "--import-cache", importCache]);
});
