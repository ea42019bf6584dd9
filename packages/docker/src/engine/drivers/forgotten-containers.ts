import { ImageSpecError } from "@imagespec/core";

const forgotten = /\b(?:deleting|state for) build container \\*"([0-9a-f]{64})\\*"/g;

/**
 * Containers that podman and buildah say they could not remove: where the disk is full they cannot write down that one
 * is gone, though what it held is. Nobody else's is among them, for a step does not know the id of any.
 */
export function forgottenContainers(error: unknown): readonly string[] {
  if (!ImageSpecError.isInstance(error) || error.code !== "ENGINE_DISK_FULL") return [];
  const said = [error.message, ...(error.details.step?.log ?? [])].join("\n");
  return [...new Set([...said.matchAll(forgotten)].map(([, id = ""]) => id))];
}
