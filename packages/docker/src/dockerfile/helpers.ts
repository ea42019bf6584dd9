import { type BuilderHelpers, findStep, type PlanInput } from "@imagespec/core";
import type { DockerOptions } from "../options.ts";
import { MICROMAMBA_IMAGE, POETRY_VERSION, UV_VERSION } from "./recipe.ts";
import { needsConda, needsUv } from "./tools-of-plan.ts";

const micromambaVersion = MICROMAMBA_IMAGE.slice(MICROMAMBA_IMAGE.lastIndexOf(":") + 1);

/** What a Dockerfile of this plan takes besides the base. What an image of the spec's own brings has no version here. */
export function dockerHelpers({ plan, options }: PlanInput<DockerOptions>): BuilderHelpers {
  const { uvImage, micromambaImage } = options;
  const [uv, conda] = [needsUv(plan), needsConda(plan)];
  const uvField = "builderOptions.docker.uvImage";
  const condaField =
    micromambaImage === undefined ? "condaPackages" : "builderOptions.docker.micromambaImage";
  return {
    images: [
      ...(uv && uvImage !== undefined ? [{ name: uvImage, field: uvField }] : []),
      ...(conda ? [{ name: micromambaImage ?? MICROMAMBA_IMAGE, field: condaField }] : []),
    ],
    tools: {
      ...(uv && uvImage === undefined && { uv: UV_VERSION }),
      ...(findStep(plan, "project")?.tool === "poetry" && { poetry: POETRY_VERSION }),
      ...(conda && micromambaImage === undefined && { micromamba: micromambaVersion }),
    },
  };
}
