import { findStep, formatImageReference, parseImageReference } from "@imagespec/core";
import type { CudaStep } from "@imagespec/core/builder";
import type { Emission } from "./emission.ts";

/** The base's name; envd reads no reference that has a tag and a digest. */
export function baseReference({ plan: { base } }: Pick<Emission, "plan">): string {
  if (base.kind === "image" || base.digest === undefined) return base.reference;
  const { host, repository } = parseImageReference(base.reference);
  return formatImageReference({ host, repository, tag: undefined, digest: base.digest });
}

/** envd makes the name of NVIDIA's image out of that of Ubuntu's: `ubuntu:22.04` becomes `…-ubuntu22.04`. */
function ubuntuName(emission: Emission): string | undefined {
  const { host, repository, tag } = parseImageReference(emission.plan.base.reference);
  const isUbuntu = host === "docker.io" && repository === "library/ubuntu" && /^\d\d\.\d\d$/.test(tag ?? "");
  return isUbuntu ? `ubuntu:${tag}` : undefined;
}

function refuseNested(emission: Emission): void {
  const { base } = emission.plan;
  if (base.kind !== "image" || base.plan.destination.registry !== undefined) return;
  emission.refuse("envd reads the base's settings from a registry, and this base has none", {
    code: "ENVD_BASE_NOT_IN_REGISTRY",
    field: "baseImage",
    hint: "give the base a registry too: http://localhost:5000 is one",
  });
}

function needsPython(emission: Emission): boolean {
  const requirements = findStep(emission.plan, "requirements");
  const installs = (requirements?.files.length ?? 0) + (requirements?.packages.length ?? 0) > 0;
  return installs || findStep(emission.plan, "project") !== undefined;
}

function writeCuda(emission: Emission, { cuda, cudnn }: CudaStep): boolean {
  if (cuda === undefined) {
    const hint = "name the version of CUDA too";
    emission.warn("without cuda there is nothing for cudnn to be part of", {
      code: "ENVD_UNUSED_CUDNN",
      field: "cudnn",
      hint,
    });
    return false;
  }
  for (const [field, value] of Object.entries({ cuda, cudnn })) {
    if (value === undefined || /^\d+(\.\d+)*$/.test(value)) continue;
    const hint = 'write a version: cuda "12.2.2", cudnn "8"';
    emission.refuse(`${JSON.stringify(value)} is no version`, { code: "ENVD_CUDA_VERSION", field, hint });
  }
  const image = ubuntuName(emission);
  if (image === undefined) {
    const hint = 'baseImage: "ubuntu:22.04"; or leave out cuda and name an image that has it';
    emission.refuse("envd puts CUDA on Ubuntu alone", { code: "ENVD_CUDA_BASE", field: "cuda", hint });
    return true;
  }
  if (needsPython(emission) && findStep(emission.plan, "python")?.version === undefined) {
    const hint = 'pythonVersion: "3.12"';
    emission.refuse("CUDA's image has no Python", { code: "ENVD_NO_PYTHON", field: "pythonVersion", hint });
  }
  emission.call("base", { image, dev: false });
  emission.call("install.cuda", { version: cuda, cudnn: cudnn ?? "8" });
  return true;
}

/** What the image starts from, and whose the files are that are copied into it. */
export function writeBase(emission: Emission): void {
  refuseNested(emission);
  const cuda = findStep(emission.plan, "cuda");
  if (cuda !== undefined && writeCuda(emission, cuda)) return;
  emission.call("base", { image: emission.text(baseReference(emission), "baseImage"), dev: false });
}
