import { ImageSpecError } from "../errors/image-spec-error.ts";

/** The target of the symlink at a path, or undefined where no symlink is. */
export type SymlinkTargets = ReadonlyMap<string, string>;

// As many as Linux follows before it gives up (path_resolution(7)).
const followedLinks = 40;

/**
 * Does a symlink lead above its tree? Links on the way are followed as the kernel would, within the tree; an absolute
 * one ends the question, as it names a path of the image. `path` and the keys of `links` are relative to the tree.
 */
export function leadsOut(path: string, links: SymlinkTargets): boolean {
  // The tree is the link alone.
  if (path === "") return !links.get("")?.startsWith("/");
  const at: string[] = path.split("/").slice(0, -1);
  const rest = [path.slice(path.lastIndexOf("/") + 1)];
  let followed = 0;
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (at.pop() === undefined) return true;
      continue;
    }
    at.push(part);
    const target = links.get(at.join("/"));
    if (target === undefined) continue;
    if (target.startsWith("/") || ++followed > followedLinks) return false;
    at.pop();
    rest.push(...target.split("/").reverse());
  }
  return false;
}

type LinkPlace = Readonly<{ path: string; target: string; field?: string | undefined }>;

export function symlinkEscapes({ path, target, field }: LinkPlace): ImageSpecError {
  const names = `${JSON.stringify(path)} is a symlink to ${JSON.stringify(target)}`;
  return new ImageSpecError("SPEC_SYMLINK_ESCAPES", `${names}, which is not part of what is copied`, {
    field,
    file: path,
    hint: "put a copy in the link's place, or list what it leads to; an absolute target names a path of the image",
  });
}
