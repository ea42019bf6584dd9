import path from "node:path";
import { inodeOf, inodesAt } from "../context/file-inode.ts";
import type { ListedFile } from "../context/list-files.ts";
import { textOf } from "../docker-api/json-lines.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import { isRecord } from "../spec/spec-spelling.ts";

/** Files that a spec lends to its build as secrets, by whatever path they are reached. */
export class LentFiles {
  readonly #inodes: ReadonlySet<string>;

  /** A source that is no file here is an id, or is missed when it is read. */
  constructor(spec: ImageSpec, directory: string) {
    this.#inodes = inodesAt(sourcesOf(spec).map((source) => path.resolve(directory, source)));
  }

  /** The files of a tree that may be in an image: a secret that lies among them is left out. */
  without(files: readonly ListedFile[]): readonly ListedFile[] {
    return this.#inodes.size === 0 ? files : files.filter((file) => !this.#has(file));
  }

  /** @throws ImageSpecError `SPEC_SECRET_COPIED` for a secret that is copied by its own name */
  refuse([file, ...others]: readonly ListedFile[], place: Readonly<{ field: string; from: string }>): void {
    if (file === undefined || others.length > 0 || !this.#has(file)) return;
    const message = `${JSON.stringify(place.from)} is lent as a secret, and cannot be copied into the image`;
    throw new ImageSpecError("SPEC_SECRET_COPIED", message, {
      field: place.field,
      file: place.from,
      hint: "leave it out of copy; pipSecretMounts gives it to the step that needs it",
    });
  }

  #has(file: ListedFile): boolean {
    return file.type === "file" && this.#inodes.has(inodeOf(file.identity));
  }
}

/** Builders that lend secrets to further steps have an option `secretMounts`, whose entries name their `secret`. */
function sourcesOf({ pipSecretMounts = [], builderOptions = {} }: ImageSpec): readonly string[] {
  const further = Object.values(builderOptions).flatMap((options) => {
    const mounts = isRecord(options) ? options.secretMounts : undefined;
    return Array.isArray(mounts) ? mounts.map((mount: unknown) => textOf(mount, "secret")) : [];
  });
  return [...pipSecretMounts.map(([source]) => source), ...further].filter((source) => source !== undefined);
}
