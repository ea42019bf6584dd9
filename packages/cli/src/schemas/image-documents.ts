import type { PlanDifference } from "@imagespec/core";
import * as z from "zod/mini";
import type { BuiltImageDocument, ExistenceDocument, TagDocument } from "../output/documents.ts";
import type {
  AgainstDocument,
  ExplainedImageDocument,
  TagInputDocument,
} from "../output/explained-document.ts";
import type { PlannedImageDocument } from "../output/planned-document.ts";
import {
  about,
  digest,
  error,
  issue,
  optionalText,
  platforms,
  reference,
  tag,
  text,
  verdict,
} from "./common.ts";

type Schema<T> = z.ZodMiniType<T>;
type Images<T> = Schema<Readonly<{ images: readonly T[] }>>;

function images<T>(image: Schema<T>, order: string): Images<T> {
  return z.object({ images: about(z.array(image), order) });
}

const builtImage: Schema<BuiltImageDocument> = z.object({
  name: text,
  reference: about(reference.clone(), "The name that counts from then on."),
  tag,
  digest: about(z.nullable(digest), "Null for an image that is in no registry."),
  imageId: about(z.nullable(text), "The engine's id of what it built; null where it built nothing."),
  status: z.enum(["built", "present", "failed", "skipped"]),
  builder: text,
  platforms,
  warnings: z.array(issue),
  durationMs: about(z.number(), "Milliseconds that this image took."),
  error: z.optional(error),
});

const tagFields = {
  name: text,
  reference,
  tag,
  fingerprint: about(z.string().check(z.regex(/^[a-z2-7]{26}$/)), "What the tag is made from."),
  platforms,
};

export const existence: Schema<ExistenceDocument> = z.object({
  reference: text,
  verdict,
  digest: optionalText,
  mediaType: optionalText,
  platforms: z.optional(z.array(text)),
  reason: about(optionalText, "Begins with a stable word."),
  credentialSource: about(optionalText, "Where the login came from; never the login."),
  detail: optionalText,
});

const difference: Schema<PlanDifference> = z.object({
  name: about(z.string(), "The field or file, as people call it: env.DEBUG, src/a.py."),
  change: z.enum(["added", "removed", "changed"]),
  detail: about(z.string(), "In words: pandas 2.2.0 → 2.3.3."),
});

const against: Schema<AgainstDocument> = z.object({
  kind: z.enum(["last-build", "spec", "lock", "image"]),
  name: about(z.string(), "As it was named."),
  reference,
  fingerprint: about(z.nullable(z.string()), "Null for an image that does not tell."),
  time: about(z.nullable(z.string()), "When it was built, in RFC 3339, where that is known."),
});

const input: Schema<TagInputDocument> = z.object({
  name: text,
  kind: z.enum(["value", "list", "requirements", "base", "file", "symlink", "folder", "tree"]),
  digest: about(
    z.nullable(z.string()),
    "Of a file's bytes, or of the value. Null for folders and symlinks, and for a base that is taken by its name.",
  ),
  value: about(optionalText, "Masked where its name says that it is a secret."),
  values: z.optional(z.array(text)),
  ordered: about(z.optional(z.boolean()), "Whether the order of the values counts."),
  executable: z.optional(z.boolean()),
  files: about(z.optional(z.nullable(z.number())), "How many files a tree has; null where that is not told."),
});

const plannedImage: Schema<PlannedImageDocument> = z.object({
  name: text,
  reference,
  tag,
  builder: text,
  platforms,
  destination: about(z.enum(["registry", "local"]), "Where the image is looked for and goes to."),
  base: z.object({
    reference,
    digest: about(z.nullable(digest), "Null for a base that is taken by its name."),
    spec: about(z.boolean(), "It is the image of a spec of its own, which is built first."),
  }),
  action: about(z.enum(["present", "build", "blocked", "skip"]), "What build with the same flags would do."),
  reason: text,
  existence,
  answeredBy: about(
    z.object({
      kind: z.enum(["registry", "builder", "nobody"]),
      name: about(z.nullable(z.string()), "The registry's host, or the builder; null for nobody."),
      mirror: about(optionalText, "The host of the mirror that answered."),
    }),
    "Who said whether the image is there.",
  ),
  issues: z.array(issue),
  sinceLastBuild: about(
    z.nullable(z.object({ against, differences: z.array(difference) })),
    "Null where no build of it was noted on this machine.",
  ),
});

const explainedImage: Schema<ExplainedImageDocument> = z.object({
  ...tagFields,
  inputs: about(z.array(input), "In the order of the plan."),
  against: about(z.nullable(against), "Null where there is nothing to compare with."),
  differences: z.array(difference),
});

export const build: Images<BuiltImageDocument> = images(builtImage, "In the order of the specs.");
export const plan: Images<PlannedImageDocument> = images(plannedImage, "Bases before what stands on them.");
export const tags: Images<TagDocument> = images(z.object(tagFields), "In the order of the specs.");
export const explain: Images<ExplainedImageDocument> = images(explainedImage, "In the order of the specs.");
export const exists: Schema<readonly ExistenceDocument[]> = about(
  z.array(existence),
  "In the order of what was asked.",
);
export const emit: Schema<TagDocument> = z.object({
  ...tagFields,
  builder: text,
  files: z.array(
    z.object({
      path: text,
      content: text,
      encoding: z.enum(["utf8", "base64"]),
      mode: z.optional(z.number()),
      text: about(optionalText, "For people, of bytes."),
    }),
  ),
});
