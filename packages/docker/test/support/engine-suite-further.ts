import { randomUUID } from "node:crypto";
import type { ImageIdentity, ImageSpec } from "@imagespec/core";
import { expect, test } from "vitest";
import { runBuild } from "../../src/engine/run-build.ts";
import { buildRequest } from "./build-request.ts";
import { type EngineUnderTest, inTemporaryFolder } from "./engine-under-test.ts";
import { fileEntry, handwritten } from "./handwritten.ts";
import { inspectWith, readLayers, readManifest } from "./registry-inspect.ts";
import { base, build, buildSpecs, linesOf, newReference, plan, push, registry, run } from "./suite-builds.ts";

/** Images that stand on others, registries, caches and times. */
export function testEngineFurther(current: () => EngineUnderTest): void {
  test("several images at once, one of them on another", () =>
    inTemporaryFolder(async (cwd) => {
      const stamp = randomUUID();
      const below: ImageSpec = { name: "below", baseImage: base, env: { STAMP: stamp } };
      const above = ["a", "b"].map((name): ImageSpec => {
        return { name, baseImage: below, commands: [`echo ${name} $STAMP > /made`] };
      });
      const building = buildSpecs(cwd, above);
      if (!current().startsFromStore) {
        await expect(building).rejects.toMatchObject({ code: "ENGINE_NO_LOCAL_STORE" });
        return;
      }
      const { outcomes } = await building;
      const made = outcomes.map(({ reference }) => current().run(reference, ["cat", "/made"]));
      expect((await Promise.all(made)).map((text) => text.trim())).toEqual([`a ${stamp}`, `b ${stamp}`]);
    }));

  test("what a step keeps in a cache mount is there in the next build", async () => {
    const name = randomUUID();
    const mount = `--mount=type=cache,id=${name},target=/dev/cache `;
    await build([run(`echo kept-${name} > /dev/cache/file`, mount)]).result;
    const { result, events } = build([run("cat /dev/cache/file", mount)]);
    await result;
    expect(linesOf(events)).toContain(`kept-${name}`);
  });

  test("a step is taken from the cache only where it mounts the same", async () => {
    const lines = [run("cat /dev/list", "--mount=type=bind,source=list,target=/dev/list ")];
    const listed = ["one", "one", "two"].map((content) => [fileEntry("list", `${content}\n`)]);
    const said: (readonly string[])[] = [];
    for (const context of listed) {
      const { result, events } = build(lines, { context });
      await result;
      said.push(linesOf(events).filter((line) => /^(one|two)$/.test(line)));
    }
    expect(said).toEqual([["one"], [], ["two"]]);
  });

  test("what was built once is taken from a cache elsewhere", async () => {
    const reference = newReference();
    const { cacheTo = [], cacheFrom = [] } = current().cache?.(reference) ?? {
      cacheTo: [{ type: "registry", ref: reference }],
    };
    const lines = [run("head -c 16 /dev/urandom | od > /made")];
    if (current().cache === undefined) {
      await expect(push(lines, { cacheTo })).rejects.toMatchObject({
        code: "ENGINE_OPTION_UNSUPPORTED",
        details: { field: "builderOptions.docker.cacheTo" },
      });
      return;
    }
    const unknown = await readLayers(await push(lines, {}));
    await current().forget();
    const kept = await readLayers(await push(lines, { cacheTo }, { reference }));
    expect(kept).not.toEqual(unknown);
    await current().forget();
    expect(await readLayers(await push(lines, { cacheFrom }))).toEqual(kept);
  });

  test("layers of copied files are the same in every build, and whole images where times are given", async () => {
    const lines = ["COPY file other /", run("date +%s%N > /dev/null; echo a > /by-run")];
    const anew = { force: true };
    const first = await readLayers(await push(lines, {}, anew));
    const second = await readLayers(await push(lines, {}, anew));
    expect(second.slice(0, 2)).toEqual(first.slice(0, 2));
    const sourceDateEpoch = 1_700_000_000;
    if (current().sameTimes === "refused") {
      await expect(push(lines, { sourceDateEpoch })).rejects.toMatchObject({
        code: "ENGINE_OPTION_UNSUPPORTED",
      });
      return;
    }
    const timed = [
      await push(lines, { sourceDateEpoch }, anew),
      await push(lines, { sourceDateEpoch }, anew),
    ];
    const [left, right] = await Promise.all(timed.map((name) => readLayers(name)));
    expect(right?.slice(0, 2)).toEqual(left?.slice(0, 2));
    const digests = await Promise.all(
      timed.map(async (name) => (await inspectWith()(name)) as { image: ImageIdentity }),
    );
    const isSame = digests[0]?.image.digest === digests[1]?.image.digest;
    expect(isSame).toBe(current().sameTimes === "digests");
  });

  test("provenance is attached where that can be, and refused elsewhere", async () => {
    const attest = { provenance: true };
    if (!current().attests) {
      await expect(push(["LABEL a=b"], { attest })).rejects.toMatchObject({
        code: "ENGINE_OPTION_UNSUPPORTED",
        details: { field: "builderOptions.docker.attest" },
      });
      return;
    }
    const { manifests = [] } = await readManifest(await push(["LABEL a=b"], { attest }));
    const kinds = manifests.map(({ annotations }) => annotations?.["vnd.docker.reference.type"]);
    expect(kinds).toEqual([undefined, "attestation-manifest"]);
  });

  test("a registry that is not there, and a base that is not there", async () => {
    const pushed = build(["LABEL a=b"], { destination: "registry", reference: "127.0.0.1:1/x/y:v1" });
    await expect(pushed.result).rejects.toMatchObject({ code: "PUSH_UNREACHABLE" });
    const from = (reference: string) => {
      const { request } = buildRequest({ plan: { ...plan, base: { kind: "reference", reference } } });
      return runBuild(request, handwritten([`FROM ${reference}`]));
    };
    await expect(from(`${registry}/base/gone:1`)).rejects.toMatchObject({ code: "BASE_IMAGE_NOT_FOUND" });
    await expect(from("127.0.0.1:1/base/x:1")).rejects.toMatchObject({ code: "BASE_IMAGE_UNREACHABLE" });
  });
}
