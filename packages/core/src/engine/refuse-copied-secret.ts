import { inodeAt, inodeOf } from "../context/file-inode.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { ContextSource, ResolvedImage } from "../plan/resolved-image.ts";
import type { SecretSource } from "./build-services.ts";

function isOfInode(source: ContextSource, inode: string): boolean {
  if (!("file" in source)) return false;
  return (source.identity ? inodeOf(source.identity) : inodeAt(source.file)) === inode;
}

/**
 * A file that the spec itself names as a secret is left out of its trees. One that only the caller names is not, for
 * then a tag would depend on who asks for it.
 * @throws ImageSpecError `SPEC_SECRET_COPIED` when the file is among those of the image or of what it stands on
 */
export function refuseCopiedSecret(secret: SecretSource, image: ResolvedImage): void {
  const inode = "file" in secret ? inodeAt(secret.file) : undefined;
  if (inode === undefined) return;
  for (const source of image.sources.values()) {
    if (!isOfInode(source, inode)) continue;
    throw new ImageSpecError(
      "SPEC_SECRET_COPIED",
      "what is lent as a secret is among the files of the image",
      {
        file: "file" in source ? source.file : undefined,
        hint: "list the file in .dockerignore, or keep it outside of what the image gets",
      },
    );
  }
  if (image.base) refuseCopiedSecret(secret, image.base);
}
