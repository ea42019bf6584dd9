import type { BuildEvent } from "@imagespec/core";
import type { PublicAccess } from "@imagespec/registry";
import * as z from "zod/mini";
import type { Finding } from "../doctor/finding.ts";
import type { LockChange } from "../lock/lock-changes.ts";
import type { ErrorDocument } from "../output/error-document.ts";
import {
  about,
  digest,
  error,
  fault,
  identity,
  optionalText,
  platforms,
  reference,
  step,
  text,
  verdict,
} from "./common.ts";

type Schema<T = unknown> = z.ZodMiniType<T>;

export const builders: Schema = z.object({
  builders: z.array(
    z.object({
      name: text,
      version: about(z.nullable(z.string()), "Of the tool that it uses; null where it cannot be used."),
      priority: about(z.nullable(z.number()), "Null: it is chosen by its name alone."),
      available: z.boolean(),
      reason: optionalText,
      hint: about(optionalText, "What installs or starts what is missing."),
      supports: z.array(text),
    }),
  ),
});

export const doctor: Schema<Readonly<{ findings: readonly Finding[] }>> = z.object({
  findings: z.array(
    z.object({ subject: text, state: z.enum(["ok", "fault"]), detail: text, hint: optionalText }),
  ),
});

export const checkPublic: Schema<PublicAccess & Readonly<{ reference: string }>> = z.discriminatedUnion(
  "verdict",
  [
    z.object({ reference, verdict: z.literal("public"), image: identity }),
    z.object({ reference, verdict: z.literal("private"), detail: text, hint: text }),
    z.object({
      reference,
      verdict: z.literal("unknown"),
      reason: text,
      detail: optionalText,
      hint: optionalText,
      credentialSource: optionalText,
    }),
  ],
);

const lockChange: Schema<LockChange> = z.object({
  reference,
  status: z.enum(["added", "moved", "unchanged", "removed"]),
  digest,
  previous: z.optional(about(digest.clone(), "What it was before it moved.")),
  platforms,
});

export const lock: Schema = z.union([
  z.object({ file: text, changed: z.boolean(), images: z.array(lockChange) }),
  about(z.object({ file: text, upToDate: z.boolean(), faults: z.array(fault) }), "Of lock --check."),
]);

export const init: Schema<Readonly<{ files: readonly string[] }>> = z.object({ files: z.array(text) });

export const failure: Schema<Readonly<{ error: ErrorDocument }>> = z.object({ error });

const image = about(z.string(), "The reference that is being built.");
const time = about(z.number(), "Milliseconds since the epoch.");
const amounts = { current: z.number(), total: z.optional(z.number()) };

export const event: Schema<BuildEvent> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("image-planned"), image, name: text, builder: text, platforms }),
  z.object({ type: z.literal("existence"), image, verdict, detail: optionalText }),
  z.object({ type: z.literal("build-start"), image, time, builder: text, forced: z.boolean() }),
  z.object({ type: z.literal("context"), image, bytes: z.number(), done: z.boolean() }),
  z.object({ type: z.literal("step-start"), image, step: text, name: text, time }),
  z.object({
    type: z.literal("step-log"),
    image,
    step: text,
    stream: z.enum(["stdout", "stderr"]),
    line: text,
  }),
  z.object({ type: z.literal("step-progress"), image, step: text, item: text, ...amounts }),
  z.object({
    type: z.literal("step-end"),
    image,
    step: text,
    time,
    cached: z.boolean(),
    error: optionalText,
  }),
  z.object({
    type: z.literal("push-progress"),
    image,
    item: text,
    status: text,
    current: z.optional(z.number()),
    total: z.optional(z.number()),
  }),
  z.object({ type: z.literal("push-end"), image, time, digest: z.optional(digest) }),
  z.object({
    type: z.literal("warning"),
    image,
    code: text,
    message: text,
    hint: optionalText,
    waiting: z.optional(z.boolean()),
  }),
  z.object({
    type: z.literal("image-end"),
    image,
    time,
    status: z.enum(["built", "present", "failed", "skipped"]),
    digest: z.optional(digest),
    error: z.optional(z.object({ code: text, message: text, hint: optionalText, step: z.optional(step) })),
  }),
]);
