import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { parseImageReference } from "@imagespec/core";
import { expect, test } from "vitest";
import { type EngineUnderTest, inTemporaryFolder } from "./engine-under-test.ts";
import { fileEntry } from "./handwritten.ts";
import { inspectWith, readLayers, readManifest } from "./registry-inspect.ts";
import { build, newReference, push, run } from "./suite-builds.ts";

/**
 * In place of BuildKit's own scanner: it finds one package, which a step named in a file.
 *
 * @see https://github.com/moby/buildkit/blob/master/docs/attestations/sbom-protocol.md
 */
const scanner = `
import json, os
source, out = os.environ["BUILDKIT_SCAN_SOURCE"], os.environ["BUILDKIT_SCAN_DESTINATION"]
package = {"SPDXID": "SPDXRef-made", "name": open(source + "/made").read().strip(), "downloadLocation": "NOASSERTION"}
document = {
    "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "sbom",
    "documentNamespace": "https://scanner.example/sbom", "packages": [package],
    "creationInfo": {"created": "2024-01-01T00:00:00Z", "creators": ["Tool: imagespec-test"]},
}
statement = {"_type": "https://in-toto.io/Statement/v0.1", "predicateType": document_type, "predicate": document}
with open(f"{out}/{os.path.basename(source)}.spdx.json", "w") as file:
    json.dump(statement, file)
`;
const SPDX = "https://spdx.dev/Document";

/** What engines that attach attestations do besides: SBOMs, and caches in folders. */
export function testEngineAttestations(current: () => EngineUnderTest): void {
  async function pushScanner(): Promise<string> {
    const script = scanner.replace("document_type", JSON.stringify(SPDX));
    const parts = { context: [fileEntry("scan.py", script)] };
    return push(["COPY scan.py /", 'ENTRYPOINT ["python3", "/scan.py"]'], {}, parts);
  }

  test("an SBOM by the scanner that is named is attached beside the image", async () => {
    const found = `package-${randomUUID()}`;
    const reference = newReference();
    const options = { attest: { sbom: { generator: await pushScanner() }, provenance: "max" } } as const;
    const pushed = { destination: "registry", reference, options } as const;
    const { digest, mediaType } = await build([run(`echo ${found} > /made`)], pushed).result;
    expect(await inspectWith()(reference)).toEqual({ verdict: "present", image: { reference, digest } });
    expect(mediaType).toBe("application/vnd.oci.image.index.v1+json");
    const { manifests: [image, attached] = [] } = await readManifest(reference);
    expect(attached?.annotations).toEqual({
      "vnd.docker.reference.digest": image?.digest,
      "vnd.docker.reference.type": "attestation-manifest",
    });
    const { host, repository } = parseImageReference(reference);
    const { layers = [] } = await readManifest(`${host}/${repository}@${attached?.digest}`);
    const kinds = layers.map(({ annotations }) => annotations?.["in-toto.io/predicate-type"]);
    expect(kinds).toEqual([SPDX, expect.stringMatching("^https://slsa.dev/provenance/")]);
    const statement = await fetch(`http://${host}/v2/${repository}/blobs/${layers[0]?.digest}`);
    expect(await statement.json()).toMatchObject({
      predicateType: SPDX,
      subject: [{ digest: { sha256: image?.digest.replace("sha256:", "") } }],
      predicate: { packages: [{ name: found }] },
    });
  });

  test("a scanner that is not there is named", async () => {
    const generator = newReference();
    await expect(push(["LABEL a=b"], { attest: { sbom: { generator } } })).rejects.toMatchObject({
      code: "BASE_IMAGE_NOT_FOUND",
      message: expect.stringContaining(`${generator} is not there`),
      details: { field: "builderOptions.docker" },
    });
  });

  test("nothing is attached to what is not pushed where the builder is no engine", async () => {
    const { result } = build(["LABEL a=b"], { options: { attest: { provenance: true } } });
    await expect(result).rejects.toMatchObject({
      code: "ENGINE_OPTION_UNSUPPORTED",
      details: { field: "builderOptions.docker.attest", hint: expect.stringContaining("registry") },
    });
  });

  test("what was built once is taken from a cache in a folder", () =>
    inTemporaryFolder(async (folder) => {
      const place = join(folder, "cache");
      const cacheFrom = [{ type: "local", src: place }] as const;
      const lines = [run("head -c 16 /dev/urandom | od > /made")];
      const kept = await push(lines, { cacheFrom, cacheTo: [{ type: "local", dest: place }] });
      await current().forget();
      expect(await readLayers(await push(lines, { cacheFrom }))).toEqual(await readLayers(kept));
    }));
}
