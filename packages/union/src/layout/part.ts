import { createHash } from "node:crypto";
import type { PlannedFile, PlannedTree, PlanStep } from "@imagespec/core/builder";
import { type Archive, FOLDER, type Placed } from "./archive.ts";

/** `src` and `dst` of one copy layer. */
export type CopyLayer = Readonly<{ src: string; dst: string }>;

/** What a step's layers name in the archive. */
export type StepPlaces = Readonly<{
  /** Of a lock or pyproject.toml; "." is the archive itself. */
  project?: string | undefined;
  /** The requirements file that is installed. */
  requirements?: string | undefined;
  copies?: readonly CopyLayer[] | undefined;
}>;

/** One way to lay a step's files. */
export type Placement = Readonly<{
  placed: readonly Placed[];
  places: StepPlaces;
  /** Texts that differ from the context's own, by their place in the archive. */
  texts?: ReadonlyMap<string, string> | undefined;
  /** Whether the layers make of this archive what the plan says. */
  isRight?(archive: Archive): boolean;
}>;

/**
 * A step that brings files. `asWas`: as they lie below the working directory, which is how the official client sends
 * them; absent where they do not lie there. `apart`: in folders of their own, which is right whatever else is sent.
 */
export type Part = Readonly<{ step: PlanStep; asWas?: Placement | undefined; apart: Placement }>;

/** Options of one plan of those that are sent together. */
export type PartOptions = Readonly<{
  /** Before each path of the context: "" or `base/`, once for each image above. */
  prefix: string;
  workDirectory: string;
}>;

export function contentOf(file: PlannedFile): string {
  if (file.type === "directory") return FOLDER;
  return file.type === "symlink" ? `link ${file.target}` : `${file.mode.toString(8)} ${file.sha256}`;
}

export function textContent(text: string): string {
  return `644 ${createHash("sha256").update(text).digest("hex")}`;
}

/** The files of a tree below `to`, where they are at all. */
export function placeTree(
  tree: PlannedTree,
  { prefix, to }: Readonly<{ prefix: string; to: string }>,
): Placed[] {
  const below = (folder: string, file: PlannedFile): string =>
    file.path === "" ? folder : folder === "" ? file.path : `${folder}/${file.path}`;
  return tree.files
    .map((file) => ({
      from: prefix + below(tree.context, file),
      to: below(to, file),
      content: contentOf(file),
    }))
    .filter((one) => one.to !== "");
}
