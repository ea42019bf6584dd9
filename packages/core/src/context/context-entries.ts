import type { PlannedFile, PlannedTree, PlanStep } from "../plan/build-plan.ts";
import type { ContextSource, ResolvedImage } from "../plan/resolved-image.ts";
import type { ContextEntry } from "./context-entry.ts";
import { linkPlannedFile } from "./link-planned-file.ts";
import { openPlannedFile } from "./open-planned-file.ts";

type FileEntry = Extract<ContextEntry, { type: "file" }>;
type Sources = ReadonlyMap<string, ContextSource>;

function treesOf(step: PlanStep): readonly PlannedTree[] {
  const { trees, project, local } = step as {
    trees?: readonly PlannedTree[];
    project?: PlannedTree;
    local?: readonly PlannedTree[];
  };
  return [...(trees ?? []), ...(project ? [project] : []), ...(local ?? [])];
}

function linkOf(
  { file, identity }: Extract<ContextSource, { file: string }>,
  mode: number,
): FileEntry["link"] {
  return identity && ((target) => linkPlannedFile(file, { mode, identity }, target));
}

function entryOf(place: string, file: PlannedFile, sources: Sources): ContextEntry {
  if (file.type === "directory") return { type: "directory", path: place, mode: 0o755 };
  if (file.type === "symlink") return { type: "symlink", path: place, target: file.target };
  const source = sources.get(place);
  if (!source) throw new Error(`no source for ${place}`);
  if ("text" in source) return textEntry(place, source.text);
  const { mode, size, sha256 } = file;
  return {
    type: "file",
    path: place,
    mode,
    size,
    sha256,
    open: (pool) => openPlannedFile(source.file, { size, sha256 }, pool),
    link: linkOf(source, mode),
  };
}

function textEntry(place: string, text: string): ContextEntry {
  const bytes = Buffer.from(text);
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  return { type: "file", path: place, mode: 0o644, size: bytes.length, open };
}

function addParents(entries: Map<string, ContextEntry>, place: string): void {
  const parts = place.split("/");
  for (let length = 1; length < parts.length; length += 1) {
    const parent = parts.slice(0, length).join("/");
    if (!entries.has(parent)) entries.set(parent, { type: "directory", path: parent, mode: 0o755 });
  }
}

function collect({ plan, sources }: ResolvedImage): ContextEntry[] {
  const entries = new Map<string, ContextEntry>();
  for (const tree of plan.steps.flatMap(treesOf)) {
    entries.set(tree.context, { type: "directory", path: tree.context, mode: 0o755 });
    for (const file of tree.files) {
      const place = file.path === "" ? tree.context : `${tree.context}/${file.path}`;
      entries.set(place, entryOf(place, file, sources));
    }
  }
  for (const [place, source] of sources) {
    if ("text" in source) entries.set(place, textEntry(place, source.text));
  }
  return [...entries.values()];
}

/** The entries with the folders above them, each once, in the one order of a context. */
export function orderEntries(unordered: readonly ContextEntry[]): readonly ContextEntry[] {
  const entries = new Map(unordered.map((entry) => [entry.path, entry]));
  for (const place of [...entries.keys()]) addParents(entries, place);
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Where the files of a base lie in the context of the image on it. */
const BASE_FOLDER = "base";

function withBases(image: ResolvedImage): readonly ContextEntry[] {
  const below = image.base ? withBases(image.base) : [];
  return [...collect(image), ...below.map((entry) => ({ ...entry, path: `${BASE_FOLDER}/${entry.path}` }))];
}

export type ContextOptions = Readonly<{
  /** The files of bases that are specs too, below `base/`. Default: the image's own files alone. */
  withBases?: boolean | undefined;
}>;

/** The build context of an image: exactly what its plan names, a folder before what it holds, in one fixed order. */
export async function* contextEntries(
  image: ResolvedImage,
  options: ContextOptions = {},
): AsyncGenerator<ContextEntry> {
  yield* orderEntries(options.withBases ? withBases(image) : collect(image));
}
