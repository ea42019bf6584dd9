import { explainPlan, type PlanDifference, type ResolvedImage, type TagInput } from "@imagespec/core";
import type { Against } from "../explain/against.ts";
import { type TagDocument, tagDocument } from "./documents.ts";

/** One input of a tag. Which of the last fields are there depends on the kind. */
export type TagInputDocument = Readonly<{
  name: string;
  kind: TagInput["kind"];
  digest: string | null;
  value?: string | undefined;
  values?: readonly string[] | undefined;
  ordered?: boolean | undefined;
  executable?: boolean | undefined;
  files?: number | null | undefined;
}>;

export type AgainstDocument = Readonly<{
  kind: Against["kind"];
  name: string;
  reference: string;
  fingerprint: string | null;
  /** RFC 3339. */
  time: string | null;
}>;

export type ExplainedImageDocument = TagDocument &
  Readonly<{
    inputs: readonly TagInputDocument[];
    /** Null: there is nothing to compare with. */
    against: AgainstDocument | null;
    differences: readonly PlanDifference[];
  }>;

/** The packages of a lock are in the lock. */
function inputDocument(input: TagInput): TagInputDocument {
  const { key: _, packages: __, ...rest } = { packages: undefined, ...input };
  return rest;
}

export function againstDocument({ kind, name, reference, fingerprint, time }: Against): AgainstDocument {
  return { kind, name, reference, fingerprint, time: time === null ? null : new Date(time).toISOString() };
}

/** What `explain --json` says of an image. */
export function explainedImageDocument({
  image,
  against,
  differences,
}: Readonly<{
  image: ResolvedImage;
  against: Against | undefined;
  differences: readonly PlanDifference[];
}>): ExplainedImageDocument {
  return {
    ...tagDocument(image),
    inputs: explainPlan(image.plan).map(inputDocument),
    against: against ? againstDocument(against) : null,
    differences,
  };
}
