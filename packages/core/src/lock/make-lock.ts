import type { Existence } from "../builder/builder.ts";
import type { RegistryService } from "../engine/registry-service.ts";
import { type ErrorIssue, ImageSpecError } from "../errors/image-spec-error.ts";
import { exactReference } from "../reference/exact-reference.ts";
import { parseImageReference } from "../reference/image-reference.ts";
import type { ImageLock, LockedImage } from "./image-lock.ts";
import type { LockNeeds, NeededImage } from "./lock-needs.ts";
import { lockable } from "./parse-lock.ts";

/** Who is asked, and until when. */
export type Asking = Readonly<{
  registry: Pick<RegistryService, "exists">;
  signal?: AbortSignal | undefined;
}>;

type Unusable = Exclude<Existence, { verdict: "present" }>;

function ask(needed: NeededImage, { registry, signal }: Asking, digest?: string): Promise<Existence> {
  const { reference, platforms, query } = needed;
  const name = digest === undefined ? reference : exactReference(reference, digest);
  return registry.exists(name, { ...query, platforms: [...platforms], signal });
}

function absentIssue({ reference }: NeededImage, missing: readonly string[]): ErrorIssue {
  const { host } = parseImageReference(reference);
  return missing.length > 0
    ? {
        code: "BASE_IMAGE_PLATFORM",
        message: `${reference} is not there for ${missing.join(", ")}`,
        hint: `docker manifest inspect ${reference}   lists its platforms`,
      }
    : {
        code: "BASE_IMAGE_NOT_FOUND",
        message: `${reference} is not in its registry, and only what is can be locked`,
        hint: `docker push ${reference}   where it is in your engine's store alone; a private one: docker login ${host}`,
      };
}

function issueOf(needed: NeededImage, existence: Unusable): ErrorIssue {
  if (existence.verdict === "absent") return absentIssue(needed, existence.missingPlatforms ?? []);
  const { reason, detail, hint } = existence;
  const message = `could not find out what ${needed.reference} is: ${reason}${detail ? ` (${detail})` : ""}`;
  return {
    code: "EXISTENCE_UNKNOWN",
    message,
    hint: hint ?? "repair the registry's answer, then lock again",
  };
}

type Found = Extract<Existence, { verdict: "present" }>["image"];

/** An index may name what no lock can hold, and a platform twice: the first counts, as it does to engines. */
function platformsOf({ platforms = [] }: Found): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { platform, digest = "" } of platforms) {
    if (lockable.platform(platform) && lockable.digest(digest) && !found.has(platform))
      found.set(platform, digest);
  }
  return found;
}

function lockedImage(needed: NeededImage, existence: Existence): LockedImage | ErrorIssue {
  if (existence.verdict !== "present") return issueOf(needed, existence);
  const { digest = "", mediaType = "" } = existence.image;
  const platforms = platformsOf(existence.image);
  if (lockable.digest(digest) && platforms.size > 0) {
    return { digest, ...(lockable.mediaType(mediaType) && { mediaType }), platforms };
  }
  return issueOf(needed, { verdict: "unknown", reason: "protocol", detail: "the registry named no digest" });
}

/** One registry that could not be asked makes all unknown, for nothing is known of a lock by halves. */
function refusal(issues: readonly ErrorIssue[]): ImageSpecError {
  const first = issues.find(({ code }) => code === "EXISTENCE_UNKNOWN") ?? issues[0]!;
  const several = issues.length > 1 ? { issues } : {};
  return new ImageSpecError(first.code, first.message, { hint: first.hint, ...several });
}

/**
 * Asks registries what the images are now that some builds need.
 *
 * @throws ImageSpecError `BASE_IMAGE_NOT_FOUND`, `BASE_IMAGE_PLATFORM`, `EXISTENCE_UNKNOWN`; with several faults each of
 * them in `details.issues`
 */
export async function makeLock(needs: LockNeeds, asking: Asking): Promise<ImageLock> {
  const needed = [...needs.images.values()];
  const answers = await Promise.all(needed.map(async (one) => lockedImage(one, await ask(one, asking))));
  const issues = answers.filter((answer) => "code" in answer);
  if (issues.length > 0) throw refusal(issues);
  const images = answers as readonly LockedImage[];
  return {
    recipe: needs.recipe,
    tools: needs.tools,
    images: new Map(needed.map(({ reference }, index) => [reference, images[index]!])),
  };
}

/** The entries of both; where both have one, `newer`'s counts. */
export function mergeLocks(older: ImageLock, newer: ImageLock): ImageLock {
  const tools = new Map([...older.tools, ...newer.tools]);
  for (const [builder, versions] of newer.tools) {
    tools.set(builder, new Map([...(older.tools.get(builder) ?? []), ...versions]));
  }
  return { ...newer, tools, images: new Map([...older.images, ...newer.images]) };
}

async function driftOf(
  needed: NeededImage,
  locked: LockedImage,
  asking: Asking,
): Promise<ErrorIssue | undefined> {
  const { reference } = needed;
  const now = await ask(needed, asking);
  if (now.verdict === "unknown") return issueOf(needed, now);
  if (now.verdict === "present" && now.image.digest === locked.digest) return undefined;
  const then = await ask(needed, asking, locked.digest);
  if (then.verdict === "unknown") return issueOf(needed, then);
  const hint = "imagespec lock   takes what it is now";
  if (then.verdict === "absent") {
    return {
      code: "LOCK_IMAGE_GONE",
      message: `${reference} was ${locked.digest}, which its registry no longer has`,
      hint,
    };
  }
  const current =
    now.verdict === "present" ? `is ${now.image.digest} now` : "is not there any more by that name";
  return { code: "LOCK_IMAGE_MOVED", message: `${reference} was ${locked.digest} and ${current}`, hint };
}

/**
 * What became of locked images in their registries since: names that mean another image now (`LOCK_IMAGE_MOVED`), and
 * images that are gone (`LOCK_IMAGE_GONE`). `EXISTENCE_UNKNOWN` where that could not be found out.
 */
export async function findDrift(
  lock: ImageLock,
  needs: LockNeeds,
  asking: Asking,
): Promise<readonly ErrorIssue[]> {
  const found = [...needs.images.values()].map(async (needed) => {
    const locked = lock.images.get(needed.reference);
    return locked && driftOf(needed, locked, asking);
  });
  return (await Promise.all(found)).filter((issue) => issue !== undefined);
}
