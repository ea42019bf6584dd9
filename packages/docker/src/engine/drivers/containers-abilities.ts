import type { Abilities } from "./abilities.ts";

/** Of podman and buildah, which build with the same code. */
export const containersAbilities: Abilities = {
  multiPlatform: { reason: "it keeps one platform for each name" },
  localStore: true,
  cacheFrom: ["registry"],
  cacheTo: ["registry"],
  attest: { reason: "it has no attestations" },
  sourceDateEpoch: true,
};
