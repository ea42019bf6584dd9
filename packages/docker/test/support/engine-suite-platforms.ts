import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { contextEntries, type ImageSpec, parseImageReference, resolveImage } from "@imagespec/core";
import { publishImage } from "@imagespec/test-services";
import { expect, test } from "vitest";
import { docker } from "../../src/index.ts";
import { buildRequest } from "./build-request.ts";
import { inTemporaryFolder } from "./engine-under-test.ts";
import { inspectWith, readConfig, readManifest } from "./registry-inspect.ts";
import { newReference, registry } from "./suite-builds.ts";

/** What engines that build for several platforms do. Nothing runs in such an image, so nothing is emulated. */
export function testEnginePlatforms(): void {
  const platform = ["linux/amd64", "linux/arm64"];

  test("an image for several platforms is one index, with the digest that is told", () =>
    inTemporaryFolder(async (cwd) => {
      await writeFile(join(cwd, "file"), randomUUID());
      const repository = `bases/${randomUUID()}`;
      await publishImage(`http://${registry}`, repository, { tags: ["1"], platforms: platform });
      const baseImage = `${registry}/${repository}:1`;
      const spec: ImageSpec = { name: "both", baseImage, platform, copy: ["file"], env: { MADE: "here" } };
      const image = await resolveImage(spec, { cwd });
      const reference = newReference();
      const { request } = buildRequest({
        plan: image.plan,
        reference,
        destination: "registry",
        services: { context: () => contextEntries(image), inspect: inspectWith() },
      });
      const { digest, mediaType, platforms } = await docker().build(request);

      expect(await inspectWith()(reference)).toEqual({ verdict: "present", image: { reference, digest } });
      const { manifests = [] } = await readManifest(reference);
      const digests = manifests.map((one) => one.digest);
      expect(platforms).toEqual(platform.map((name) => ({ platform: name })));
      expect(mediaType).toMatch(/image\.index|manifest\.list/);
      const { host, repository: pushed } = parseImageReference(reference);
      const children = digests.map((one) => `${host}/${pushed}@${one}`);
      const configs = await Promise.all(children.map(readConfig));
      expect(configs.map(({ os, architecture }) => `${os}/${architecture}`)).toEqual(platform);
      for (const { config } of configs)
        expect(config.Env).toEqual(expect.arrayContaining(["A=b", "MADE=here"]));
      const layers = (await Promise.all(children.map(readManifest))).map((child) => child.layers);
      expect(layers[0]).toEqual(layers[1]);
    }));
}
