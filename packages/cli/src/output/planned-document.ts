import { type PlanDifference, type PlannedImage, parseImageReference } from "@imagespec/core";
import type { PlanChanges } from "../explain/plan-changes.ts";
import { type ExistenceDocument, existenceDocument, tagOf } from "./documents.ts";
import { type AgainstDocument, againstDocument } from "./explained-document.ts";

/** What `build` with the same flags would do with an image, and what is new since the last build here. */
export type ForeseenImage = Omit<PlannedImage, "action"> &
  Readonly<{ action: PlannedImage["action"] | "skip"; changes: PlanChanges | undefined }>;

export type PlannedImageDocument = Readonly<{
  name: string;
  reference: string;
  tag: string | null;
  builder: string;
  platforms: readonly string[];
  destination: PlannedImage["destination"];
  /** What it starts from. `spec`: that is an image of a spec of its own, which is built first. */
  base: Readonly<{ reference: string; digest: string | null; spec: boolean }>;
  action: ForeseenImage["action"];
  reason: string;
  existence: ExistenceDocument;
  /** `name`: the registry's host or the builder; null for nobody. */
  answeredBy: Readonly<{
    kind: PlannedImage["answeredBy"];
    name: string | null;
    mirror?: string | undefined;
  }>;
  issues: PlannedImage["issues"];
  /** Null: no build of it was noted here. */
  sinceLastBuild: Readonly<{ against: AgainstDocument; differences: readonly PlanDifference[] }> | null;
}>;

function answerer({
  answeredBy,
  builder,
  image,
  existence,
}: ForeseenImage): PlannedImageDocument["answeredBy"] {
  if (answeredBy === "nobody") return { kind: answeredBy, name: null };
  if (answeredBy === "builder") return { kind: answeredBy, name: builder };
  const mirror = existence.verdict === "present" ? existence.mirror : undefined;
  return { kind: answeredBy, name: parseImageReference(image.reference).host, mirror };
}

function baseDocument({ base }: ForeseenImage["image"]["plan"]): PlannedImageDocument["base"] {
  const digest = base.kind === "reference" ? (base.digest ?? null) : null;
  return { reference: base.reference, digest, spec: base.kind === "image" };
}

/** What `plan --json` says of an image. */
export function plannedImageDocument(planned: ForeseenImage): PlannedImageDocument {
  const { name, image, builder, destination, action, reason, existence, issues, changes } = planned;
  const { reference, plan } = image;
  return {
    name,
    reference,
    tag: tagOf(reference),
    builder,
    platforms: plan.platforms,
    destination,
    base: baseDocument(plan),
    action,
    reason,
    existence: existenceDocument(reference, existence),
    answeredBy: answerer(planned),
    issues,
    sinceLastBuild: changes
      ? { against: againstDocument(changes.against), differences: changes.differences }
      : null,
  };
}
