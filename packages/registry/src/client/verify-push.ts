import {
  type Existence,
  type ExpectedImage,
  normalizePlatform,
  type PushDifference,
  type PushVerification,
} from "@imagespec/core";
import { pause } from "../http/retry.ts";
import type { RegistryLimits } from "../limits.ts";

/** A registry of several machines may need a moment until all of them know a new tag. */
export async function askAfterPush(
  { tries, backoff }: RegistryLimits,
  signal: AbortSignal | undefined,
  ask: () => Promise<Existence>,
): Promise<Existence> {
  for (let count = 1; ; count += 1) {
    const found = await ask();
    const late = found.verdict === "absent" && found.missingPlatforms === undefined;
    if (!late || count >= tries) return found;
    await pause(backoff * count, signal);
  }
}

/** Compares an answer, for which the platforms were read, with what was built. */
export function compareWithBuilt(found: Existence, expected: ExpectedImage): PushVerification {
  if (found.verdict === "unknown") return found;
  if (found.verdict === "absent") return { verdict: "different", differences: [lacking(found, expected)] };
  const { image } = found;
  const differences = [
    ...difference("digest", expected.digest, image.digest),
    ...difference("mediaType", expected.mediaType, image.mediaType),
    ...difference(
      "platforms",
      listed(expected.platforms),
      listed(image.platforms?.map(({ platform }) => platform)),
    ),
  ];
  return differences.length === 0 ? { verdict: "verified", image } : { verdict: "different", differences };
}

function difference(
  what: PushDifference["what"],
  expected: string | undefined,
  found = "none",
): PushDifference[] {
  return expected === undefined || expected === found ? [] : [{ what, expected, found }];
}

function lacking(found: Extract<Existence, { verdict: "absent" }>, expected: ExpectedImage): PushDifference {
  const missing = found.missingPlatforms ?? [];
  return missing.length > 0
    ? {
        what: "platforms",
        expected: listed(expected.platforms) ?? "",
        found: `none of ${missing.join(", ")}`,
      }
    : { what: "digest", expected: expected.digest ?? "an image", found: "none" };
}

function listed(platforms: readonly string[] | undefined): string | undefined {
  return platforms === undefined
    ? undefined
    : [...new Set(platforms.map(normalizePlatform))].sort().join(", ");
}
