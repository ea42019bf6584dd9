import { baseReference, ImageSpecError, parseImageReference } from "@imagespec/core";
import type { Emission } from "../emission.ts";
import { CONTEXT_UV, TOOLS, UV_VERSION, UV_WHEELS } from "../recipe.ts";
import { places } from "../scripts/script.ts";
import { provideUv } from "../scripts/tools.ts";
import { pipIndexOptions } from "./index-options.ts";
import { cacheMount, runStep } from "./run-step.ts";

const platformPattern = /^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9]+)?$/;

/** Of the grammar of references nothing is special in FROM. */
function isReference(reference: string): boolean {
  try {
    parseImageReference(reference);
    return true;
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    return false;
  }
}

/** As {@link fromImage}, of an image that tools are taken from: by its digest, where the project has locked it. */
export function fromHelper(emission: Emission, name: string, field: string): string {
  const pinned = isReference(name) ? emission.pinned(name) : name;
  return fromImage(emission, pinned, field);
}

/** `FROM`'s words for an image: with its platform, where there is only one. */
export function fromImage(emission: Emission, reference: string, field: string): string {
  if (!isReference(reference)) {
    const hint = "write it as registry/name:tag";
    const message = `${JSON.stringify(reference)} is not the name of an image`;
    emission.refuse(message, { code: "DOCKER_REFERENCE", field, hint });
    return "scratch";
  }
  const { platforms } = emission.plan;
  const [platform] = platforms;
  const isOne = platforms.length === 1 && platform !== undefined && platformPattern.test(platform);
  return isOne ? `--platform=${platform} ${reference}` : reference;
}

/** The user that the base's containers run as: undefined for root, and where nobody knows. */
export function baseUser(emission: Emission): string | undefined {
  const user = (emission.base ? emission.base.user : emission.options.baseUser) ?? "";
  if (/^(root|0)?(:|$)/.test(user)) return undefined;
  if (/^[\w][\w.-]*(:[\w][\w.-]*)?$/.test(user)) return user;
  const hint = "give the base a user with a plain name or number";
  emission.refuse(`the base runs as ${JSON.stringify(user)}`, {
    code: "DOCKER_BASE_USER",
    field: "baseImage",
    hint,
  });
  return undefined;
}

/** Opens the image's first stage, in which every step runs as root. */
export function startFromBase(emission: Emission): void {
  const stage = emission.openImage(
    fromImage(emission, baseReference(emission.plan.base), "baseImage"),
    "base",
  );
  if (baseUser(emission) !== undefined) stage.add("USER 0");
}

function uvRequirements(): string {
  const hashes = Object.values(UV_WHEELS)
    .flat()
    .map(({ sha256 }) => `--hash=sha256:${sha256}`);
  return `uv==${UV_VERSION} ${hashes.join(" ")}\n`;
}

function uvFromBase(emission: Emission): void {
  const path = `${CONTEXT_UV}/requirements.txt`;
  emission.files.set(path, { path, content: uvRequirements() });
  runStep(emission, emission.openStage(emission.image.name, "uv"), {
    mounts: [{ type: "bind", source: CONTEXT_UV, target: places.uvSource }, cacheMount("pip")],
    script: provideUv,
    arguments: pipIndexOptions(emission),
    step: "pip",
  });
}

function uvFromImage(emission: Emission, image: string): void {
  emission.openStage(fromHelper(emission, image, "builderOptions.docker.uvImage"), "uv-image");
  const stage = emission.openStage("scratch", "uv");
  stage.add(`COPY --from=uv-image ["/uv", "/uvx", "${TOOLS}/bin/"]`);
}

/** A stage that holds uv, for steps to mount. */
export function addUv(emission: Emission): void {
  const { uvImage } = emission.options;
  if (uvImage === undefined) uvFromBase(emission);
  else uvFromImage(emission, uvImage);
}
