import { inodeOf, inodesAt } from "../context/file-inode.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { ContextSource, ResolvedImage } from "../plan/resolved-image.ts";
import type { SecretSource } from "./build-services.ts";

type FileSource = Extract<ContextSource, { file: string }>;

function isOneOf(inodes: ReadonlySet<string>, { identity, file }: FileSource): boolean {
  const own = identity ? [inodeOf(identity)] : [...inodesAt([file])];
  return own.some((inode) => inodes.has(inode));
}

function refuseInodes(inodes: ReadonlySet<string>, { sources, base }: ResolvedImage): void {
  for (const source of sources.values()) {
    if (!("file" in source) || !isOneOf(inodes, source)) continue;
    throw new ImageSpecError(
      "SPEC_SECRET_COPIED",
      "what is lent as a secret is among the files of the image",
      {
        file: source.file,
        hint: "list the file in .dockerignore, or keep it outside of what the image gets",
      },
    );
  }
  if (base) refuseInodes(inodes, base);
}

/**
 * A file that the spec itself names as a secret is left out of its trees. One that only the caller names is not, for
 * then a tag would depend on who asks for it.
 * @throws ImageSpecError `SPEC_SECRET_COPIED` when a file is among those of the image or of what it stands on
 */
export function refuseCopiedSecrets(secrets: readonly SecretSource[], image: ResolvedImage): void {
  const inodes = inodesAt(secrets.flatMap((secret) => ("file" in secret ? [secret.file] : [])));
  if (inodes.size > 0) refuseInodes(inodes, image);
}
