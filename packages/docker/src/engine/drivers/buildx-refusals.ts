import { ImageSpecError } from "@imagespec/core";
import type { Lent } from "./driver.ts";

/** `hasStore`: it is an engine, with images of its own. */
export type NamedBuilder = Readonly<{ builder: string; hasStore: boolean }>;

/**
 * What a builder that is no engine cannot do without a registry: such builders take all bases from registries, and what
 * they hand to an engine is one image alone.
 *
 * @throws ImageSpecError `ENGINE_NO_LOCAL_STORE`, `ENGINE_OPTION_UNSUPPORTED`
 */
export function refuseWithoutRegistry({ builder, hasStore }: NamedBuilder, { request }: Lent): void {
  const { plan, destination, reference: image, options } = request;
  if (hasStore || destination !== "local") return;
  if (plan.base.kind === "image") {
    throw new ImageSpecError(
      "ENGINE_NO_LOCAL_STORE",
      `the builder ${builder} of buildx cannot start from ${plan.base.reference}, which is only in the store of an engine`,
      { field: "baseImage", image, hint: "name a registry for both images: registry: HOST/PATH" },
    );
  }
  const { sbom, provenance } = options.attest ?? {};
  if (!sbom && !provenance) return;
  throw new ImageSpecError(
    "ENGINE_OPTION_UNSUPPORTED",
    `the builder ${builder} of buildx attaches attestations only to what it pushes`,
    { field: "builderOptions.docker.attest", image, hint: "name a registry: registry: HOST/PATH" },
  );
}
