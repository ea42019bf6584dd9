import {
  type Existence,
  type ImageOutcome,
  type Issue,
  parseImageReference,
  type ResolvedImage,
} from "@imagespec/core";
import { type ErrorDocument, errorDocument } from "./error-document.ts";

/** The tag of a reference; null where only a digest names the image. */
export function tagOf(reference: string): string | null {
  return parseImageReference(reference).tag ?? null;
}

export type BuiltImageDocument = Readonly<{
  name: string;
  reference: string;
  tag: string | null;
  digest: string | null;
  imageId: string | null;
  status: ImageOutcome["status"];
  builder: string;
  platforms: readonly string[];
  warnings: readonly Issue[];
  durationMs: number;
  error?: ErrorDocument | undefined;
}>;

/** What `build --json` says of an image. */
export function builtImageDocument(outcome: ImageOutcome): BuiltImageDocument {
  const { name, reference, image, status, builder, platforms, warnings, durationMs, error } = outcome;
  return {
    name,
    reference,
    tag: tagOf(reference),
    digest: image?.digest ?? null,
    imageId: image?.localId ?? null,
    status,
    builder,
    platforms,
    warnings,
    durationMs,
    error: error && errorDocument(error),
  };
}

export type ExistenceDocument = Readonly<{
  reference: string;
  verdict: Existence["verdict"];
  digest?: string | undefined;
  mediaType?: string | undefined;
  platforms?: readonly string[] | undefined;
  reason?: string | undefined;
  credentialSource?: string | undefined;
  detail?: string | undefined;
}>;

/** What `exists --json` says of an image. */
export function existenceDocument(reference: string, existence: Existence): ExistenceDocument {
  const { verdict, credentialSource } = existence;
  if (existence.verdict === "present") {
    const { digest, mediaType, platforms } = existence.image;
    const names = platforms?.map(({ platform }) => platform);
    return { reference, verdict, digest, mediaType, platforms: names, credentialSource };
  }
  const { detail } = existence;
  if (existence.verdict === "unknown") {
    return { reference, verdict, reason: existence.reason, credentialSource, detail };
  }
  const missing = existence.missingPlatforms ?? [];
  const reason = missing.length > 0 ? `missing-platforms: ${missing.join(", ")}` : undefined;
  return { reference, verdict, reason, credentialSource, detail };
}

export type TagDocument = Readonly<{
  name: string;
  reference: string;
  tag: string | null;
  fingerprint: string;
  platforms: readonly string[];
}>;

/** What `tag --json` says of an image. */
export function tagDocument({ plan, reference, fingerprint }: ResolvedImage): TagDocument {
  const { destination, platforms } = plan;
  return { name: destination.name, reference, tag: tagOf(reference), fingerprint, platforms };
}
