import type { Existence, ImageIdentity, Issue } from "../builder/builder.ts";
import type { ImageSpecError } from "../errors/image-spec-error.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import type { ResolvedImage } from "../plan/resolved-image.ts";
import type { ImageSpec } from "../spec/image-spec.ts";

/** A spec and the name that it gets when it has none of its own. */
export type NamedSpec = Readonly<{ spec: ImageSpec; name?: string | undefined; cwd?: string | undefined }>;

/** What became of one image. `image` is there for `built` and `present`, `error` for `failed`. */
export type ImageOutcome = Readonly<{
  name: string;
  /** The name that counts from then on. */
  reference: string;
  fingerprint: string;
  plan: BuildPlan;
  builder: string;
  platforms: readonly string[];
  status: "built" | "present" | "failed" | "skipped";
  image?: ImageIdentity | undefined;
  warnings: readonly Issue[];
  /** Milliseconds that this image took, without waiting for others. */
  durationMs: number;
  error?: ImageSpecError | undefined;
}>;

/** What a build would do for one image. */
export type PlannedImage = Readonly<{
  name: string;
  /** Positions of the specs whose image it is; none for what is a base alone. */
  specs: readonly number[];
  image: ResolvedImage;
  builder: string;
  /** Where the image goes to, and is looked for. */
  destination: "registry" | "local";
  existence: Existence;
  /** Who gave that answer: the builder, from a store of its own, the registry, or nobody, for there is nobody to ask. */
  answeredBy: "builder" | "registry" | "nobody";
  action: "present" | "build" | "blocked";
  /** Why, in words. */
  reason: string;
  /** Refusals and warnings; an error among them is what blocks. */
  issues: readonly Issue[];
}>;
