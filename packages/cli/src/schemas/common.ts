import type { FailedStep, ImageIdentity, Issue } from "@imagespec/core";
import * as z from "zod/mini";
import type { ErrorDocument } from "../output/error-document.ts";
import type { PlacedIssue } from "../specs/spec-place.ts";

type Schema<T = unknown> = z.ZodMiniType<T>;

/** The schema with a sentence for those who read it. */
export function about<S extends z.ZodMiniType>(schema: S, text: string): S {
  return schema.check(z.describe(text)) as S;
}

export const text: z.ZodMiniString = z.string();
export const optionalText: z.ZodMiniOptional<z.ZodMiniString> = z.optional(z.string());
export const digest: z.ZodMiniString = about(
  z.string().check(z.regex(/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-zA-Z=_-]+$/)),
  "As the OCI image specification writes digests: sha256:…",
);
export const reference: z.ZodMiniString = about(z.string(), "Host, repository and tag, or name and tag.");
export const tag: Schema<string | null> = about(
  z.nullable(z.string()),
  "Null where only a digest names the image.",
);
export const platforms: Schema<readonly string[]> = about(z.array(z.string()), "Such as linux/amd64.");
export const verdict: z.ZodMiniEnum<{ present: "present"; absent: "absent"; unknown: "unknown" }> = z.enum([
  "present",
  "absent",
  "unknown",
]);

export const issue: Schema<Issue> = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  field: optionalText,
  hint: optionalText,
});

/** A failed step of a build. */
export const step: Schema<FailedStep> = z.object({
  name: z.string(),
  command: optionalText,
  exitCode: z.optional(z.number()),
  log: z.optional(about(z.array(z.string()), "Its last lines, the oldest first, at most 20.")),
});

/** One more fault of the same pass. */
export const fault: Schema<PlacedIssue> = z.object({
  code: z.string(),
  message: z.string(),
  field: optionalText,
  hint: optionalText,
  line: z.optional(z.number()),
});

export const error: Schema<ErrorDocument> = z.object({
  code: about(z.string(), "Stable; docs/errors.md lists every one."),
  message: z.string(),
  field: about(optionalText, "The spec's field, as a path."),
  file: optionalText,
  line: about(z.optional(z.number()), "From 1."),
  hint: about(optionalText, "What to do."),
  step: z.optional(step),
  issues: z.optional(about(z.array(fault), "Every fault of the same pass, where there are several.")),
});

export const identity: Schema<ImageIdentity> = z.object({
  reference,
  digest: z.optional(digest),
  mediaType: optionalText,
  localId: about(optionalText, "The engine's own id of an image that no registry has."),
  platforms: z.optional(z.array(z.object({ platform: z.string(), digest: z.optional(digest) }))),
});
