import { create } from "@bufbuild/protobuf";
import {
  type Secret,
  Secret_MountType,
  SecretSchema,
} from "@flyteorg/flyteidl2/flyteidl2/core/security_pb.ts";
import type { SecretMount } from "@imagespec/core/builder";

/** Where Union lays secrets that are mounted as files; it has no other place. */
export const SECRET_DIRECTORY = "/etc/flyte/secrets";

/** A secret by its name in Union's store: `key` or `group/key`. */
export type SecretName = Readonly<{ group: string; key: string }>;

/** What a mount's id names. */
export function secretName(id: string): SecretName {
  const slash = id.indexOf("/");
  return slash < 0 ? { group: "", key: id } : { group: id.slice(0, slash), key: id.slice(slash + 1) };
}

/** A mount without a target of its own is a variable named after the secret, as the official client names it. */
function variableName({ id, target }: SecretMount): string {
  return target === id ? target.replaceAll(/[-/]/g, "_").toUpperCase() : target;
}

/** Why Union cannot mount it, or nothing. */
export function mountFault(mount: SecretMount): string | undefined {
  if (mount.kind === "netrc") return undefined;
  if (!/^(?:[\w.-]+\/)?\w[\w.-]*$/.test(mount.id)) {
    return `${JSON.stringify(mount.id)} is not a secret's name: files of this machine do not reach Union`;
  }
  if (mount.kind === "file") {
    return mount.target === SECRET_DIRECTORY ? undefined : `Union mounts files in ${SECRET_DIRECTORY} alone`;
  }
  const name = variableName(mount);
  return /^[A-Z_][A-Z0-9_]*$/.test(name)
    ? undefined
    : `${JSON.stringify(name)} cannot be a variable's name there`;
}

/** The mounts of a layer. What {@link mountFault} refuses has no counterpart and is left out. */
export function layerSecrets(mounts: readonly SecretMount[]): Secret[] {
  return mounts
    .filter((mount) => mount.kind !== "netrc" && mountFault(mount) === undefined)
    .map((mount) => {
      const name = secretName(mount.id);
      if (mount.kind === "file")
        return create(SecretSchema, { ...name, mountRequirement: Secret_MountType.FILE });
      const envVar = variableName(mount);
      return create(SecretSchema, { ...name, mountRequirement: Secret_MountType.ENV_VAR, envVar });
    });
}
