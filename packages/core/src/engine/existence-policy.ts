import type { Existence, Issue } from "../builder/builder.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { PlannedImage } from "./image-outcome.ts";
import type { PushPermission } from "./registry-service.ts";

/** What to do when it cannot be told whether an image is there. */
export type UnknownPolicy = "error" | "build" | "skip";

export type Decision = Readonly<{ action: "present" | "build" | "skip"; reason: string }>;

/**
 * Registries that hide what is missing behind a refusal: Docker Hub, Artifactory, private packages of GHCR. Once a push
 * is let in, these count as absent.
 */
const hidesAbsence = new Set(["auth-required-or-absent", "denied-or-absent", "denied"]);

function reasonCode(reason: string): string {
  return reason.split(":")[0]!.trim();
}

/** Whether proven push permission would turn this answer into "absent". */
export function mayBeAbsent(existence: Existence): boolean {
  return existence.verdict === "unknown" && hidesAbsence.has(reasonCode(existence.reason));
}

function unknownError(
  reference: string,
  existence: Extract<Existence, { verdict: "unknown" }>,
): ImageSpecError {
  const detail = existence.detail ? ` (${existence.detail})` : "";
  return new ImageSpecError(
    "EXISTENCE_UNKNOWN",
    `could not find out whether it is there: ${existence.reason}${detail}`,
    {
      image: reference,
      hint: existence.hint ?? "repair the registry's answer, or build anyway with --if-unknown build",
    },
  );
}

function absentReason(existence: Extract<Existence, { verdict: "absent" }>): string {
  const missing = existence.missingPlatforms ?? [];
  return missing.length > 0 ? `it is there, but not for ${missing.join(", ")}` : "it is not there";
}

export type DecisionInput = Readonly<{
  reference: string;
  existence: Existence;
  policy: UnknownPolicy;
  /** Asked for only where it can change the answer, or when a build follows. */
  permission: () => Promise<PushPermission | undefined>;
}>;

/**
 * What follows from an answer.
 *
 * @throws ImageSpecError `EXISTENCE_UNKNOWN` when it is unknown and the policy does not say what to do then
 */
export async function decide(input: DecisionInput): Promise<Decision> {
  const { existence, policy, reference } = input;
  if (existence.verdict === "present") return { action: "present", reason: "it is there" };
  if (existence.verdict === "absent") return { action: "build", reason: absentReason(existence) };
  if (policy === "build")
    return { action: "build", reason: `unknown (${existence.reason}), and told to build then` };
  if (mayBeAbsent(existence) && (await input.permission())?.verdict === "allowed") {
    return { action: "build", reason: `the registry hides it (${existence.reason}), and a push is let in` };
  }
  if (policy === "skip")
    return { action: "skip", reason: `unknown (${existence.reason}), and told to skip then` };
  throw unknownError(reference, existence);
}

/** What a build would do after this answer, in words. */
export function foresee(
  existence: Existence,
  issues: readonly Issue[],
): Pick<PlannedImage, "action" | "reason"> {
  const refused = issues.find(({ severity }) => severity === "error");
  if (refused) return { action: "blocked", reason: refused.message };
  if (existence.verdict === "present") return { action: "present", reason: "it is there" };
  if (existence.verdict === "unknown" && !mayBeAbsent(existence)) {
    return { action: "blocked", reason: `could not find out whether it is there: ${existence.reason}` };
  }
  const missing = existence.verdict === "absent" ? (existence.missingPlatforms ?? []) : [];
  const reason = missing.length > 0 ? `it is not there for ${missing.join(", ")}` : "it is not there";
  return { action: "build", reason };
}
