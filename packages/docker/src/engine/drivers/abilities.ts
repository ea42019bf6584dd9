import { ImageSpecError } from "@imagespec/core";
import { type CacheType, cacheTypes, type DockerOptions } from "../../options.ts";
import type { EngineName } from "./engine-name.ts";

/** True, or why not. */
export type Ability = true | Readonly<{ reason: string }>;

/** What an engine can do beyond what every engine can. */
export type Abilities = Readonly<{
  /** Several platforms in one image. */
  multiPlatform: Ability;
  /** Images without a registry. */
  localStore: Ability;
  cacheFrom: readonly CacheType[];
  cacheTo: readonly CacheType[];
  attest: Ability;
  sourceDateEpoch: Ability;
}>;

export type Asked = Readonly<{
  platforms: readonly string[];
  destination: "registry" | "local";
  options: DockerOptions;
  image: string;
}>;

type Refusal = Readonly<{ code: string; field: string; what: string; reason: string; hint: string }>;

const USE_BUILDX = "docker buildx create --use   makes a builder that can; then IMAGESPEC_ENGINE=buildx";

/**
 * Makes sure that an engine can do what is asked.
 *
 * @throws ImageSpecError `PLATFORMS_UNSUPPORTED`, `ENGINE_NO_LOCAL_STORE`, `ENGINE_OPTION_UNSUPPORTED`
 */
export function requireAbilities(engine: EngineName, abilities: Abilities, asked: Asked): void {
  const refusal = refusalOf(abilities, asked);
  if (refusal === undefined) return;
  const { code, field, what, reason, hint } = refusal;
  throw new ImageSpecError(code, `the ${engine} engine ${what}: ${reason}`, {
    field,
    hint,
    image: asked.image,
  });
}

function refusalOf(abilities: Abilities, asked: Asked): Refusal | undefined {
  return (
    platformRefusal(abilities, asked) ?? storeRefusal(abilities, asked) ?? optionRefusal(abilities, asked)
  );
}

function platformRefusal({ multiPlatform }: Abilities, { platforms }: Asked): Refusal | undefined {
  if (multiPlatform === true || platforms.length < 2) return undefined;
  return {
    code: "PLATFORMS_UNSUPPORTED",
    field: "platform",
    what: `cannot build ${platforms.join(", ")} together`,
    reason: multiPlatform.reason,
    hint: `build one platform: --platform ${platforms[0]}; or ${USE_BUILDX}`,
  };
}

function storeRefusal({ localStore }: Abilities, { destination }: Asked): Refusal | undefined {
  if (localStore === true || destination !== "local") return undefined;
  return {
    code: "ENGINE_NO_LOCAL_STORE",
    field: "registry",
    what: "keeps no image without a registry",
    reason: localStore.reason,
    hint: "name a registry: registry: HOST/PATH",
  };
}

function optionRefusal(abilities: Abilities, { options }: Asked): Refusal | undefined {
  const { attest, sourceDateEpoch } = abilities;
  const wantsAttest = Boolean(options.attest?.sbom) || Boolean(options.attest?.provenance);
  if (wantsAttest && attest !== true) return unsupported("attest", "attaches no attestations", attest.reason);
  if (options.sourceDateEpoch !== undefined && sourceDateEpoch !== true) {
    return unsupported("sourceDateEpoch", "sets no times", sourceDateEpoch.reason);
  }
  return cacheRefusal("cacheFrom", abilities, options) ?? cacheRefusal("cacheTo", abilities, options);
}

function cacheRefusal(
  name: "cacheFrom" | "cacheTo",
  abilities: Abilities,
  options: DockerOptions,
): Refusal | undefined {
  const missing = cacheTypes.find(
    (type) => options[name]?.some((cache) => cache.type === type) && !abilities[name].includes(type),
  );
  if (missing === undefined) return undefined;
  const able = abilities[name].length === 0 ? "none" : abilities[name].join(", ");
  const place = missing === "gha" ? "; gha is there in GitHub's actions alone, by ACTIONS_RUNTIME_TOKEN" : "";
  return unsupported(name, `has no build cache of type ${missing}`, `it can do ${able}${place}`);
}

function unsupported(option: string, what: string, reason: string): Refusal {
  return {
    code: "ENGINE_OPTION_UNSUPPORTED",
    field: `builderOptions.docker.${option}`,
    what,
    reason,
    hint: USE_BUILDX,
  };
}
