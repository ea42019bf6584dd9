import type { ImageLock, LockedImage } from "@imagespec/core";

/** What became of one image of a lock. */
export type LockChange = Readonly<{
  reference: string;
  status: "added" | "moved" | "unchanged" | "removed";
  digest: string;
  /** What it was before it moved. */
  previous?: string | undefined;
  platforms: readonly string[];
}>;

function changeOf(reference: string, now: LockedImage, before: LockedImage | undefined): LockChange {
  const { digest } = now;
  const platforms = [...now.platforms.keys()].sort();
  if (before === undefined) return { reference, status: "added", digest, platforms };
  if (before.digest === digest) return { reference, status: "unchanged", digest, platforms };
  return { reference, status: "moved", digest, previous: before.digest, platforms };
}

/** What of the images is new, sorted by reference. */
export function lockChanges(before: ImageLock | undefined, now: ImageLock): readonly LockChange[] {
  const kept = [...now.images].map(([reference, image]) =>
    changeOf(reference, image, before?.images.get(reference)),
  );
  const gone = [...(before?.images ?? [])].filter(([reference]) => !now.images.has(reference));
  const removed = gone.map(
    ([reference, image]): LockChange => ({ ...changeOf(reference, image, image), status: "removed" }),
  );
  return [...kept, ...removed].sort((a, b) => (a.reference < b.reference ? -1 : 1));
}

function describe({ reference, status, digest, previous, platforms }: LockChange): string {
  if (status === "removed") return `removed ${reference}`;
  const from = previous === undefined ? "" : `${previous} -> `;
  return `${status} ${reference}: ${from}${digest} (${platforms.join(", ")})`;
}

/** For people: a line for each change, none for what is as it was. */
export function formatChanges(changes: readonly LockChange[]): string {
  const news = changes.filter(({ status }) => status !== "unchanged");
  return news.map((change) => `${describe(change)}\n`).join("");
}
