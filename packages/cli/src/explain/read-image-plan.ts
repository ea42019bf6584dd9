import {
  formatImageReference,
  type ImageConfig,
  ImageSpecError,
  type PlanRecord,
  parseImageReference,
  parsePlanLabel,
  type RegistryQuery,
  type ResolvedImage,
} from "@imagespec/core";
import type { RegistryClient } from "@imagespec/registry";
import { withRegistry } from "../session.ts";
import { withDetails } from "../specs/with-details.ts";
import type { Against, Comparison } from "./against.ts";

type Question = Readonly<{ reference: string; registry: RegistryClient; query: RegistryQuery }>;

async function checkThere({ reference, registry, query }: Question): Promise<void> {
  const existence = await registry.exists(reference, query);
  if (existence.verdict === "present") return;
  if (existence.verdict === "absent") {
    const hint = "name an image that was pushed; without --against the last build here is compared";
    throw new ImageSpecError("IMAGE_ABSENT", "there is no such image to compare with", {
      image: reference,
      hint,
    });
  }
  const { reason, detail, hint } = existence;
  const message = `could not find out what it was made from: ${reason}${detail ? ` (${detail})` : ""}`;
  throw new ImageSpecError("EXISTENCE_UNKNOWN", message, {
    image: reference,
    hint: hint ?? "repair the registry's answer",
  });
}

/** Of the spec's own platform, else of one that most images are there for: all of them have one plan. */
async function configOf(question: Question, platforms: readonly string[]): Promise<ImageConfig> {
  const { reference, registry, query } = question;
  for (const platform of new Set([...platforms, "linux/amd64", "linux/arm64"])) {
    const config = await registry.imageConfig(reference, platform, query);
    if (config) return config;
  }
  const hint = "name a platform that the image is there for: --platform linux/s390x";
  throw new ImageSpecError(
    "IMAGE_PLAN_MISSING",
    "its config cannot be read for any platform that was tried",
    { image: reference, hint },
  );
}

function parseLabel(text: string, reference: string): PlanRecord {
  try {
    return parsePlanLabel(text);
  } catch (error) {
    throw ImageSpecError.isInstance(error) ? withDetails(error, { image: reference }) : error;
  }
}

function planOf({ labels }: ImageConfig, reference: string): PlanRecord {
  const text = labels["dev.imagespec.plan"];
  if (text !== undefined) return parseLabel(text, reference);
  const message = "it does not tell what it was made from: it has no label dev.imagespec.plan";
  const hint =
    "images that the docker builder has built have one; compare with a spec, or with the last build here";
  throw new ImageSpecError("IMAGE_PLAN_MISSING", message, { image: reference, hint });
}

/** The spec's own settings hold for images of its own registry. */
function queryFor(reference: string, { plan, registryConfig }: ResolvedImage): RegistryQuery {
  const { registry, insecure } = plan.destination;
  const isOwn = registry?.split("/")[0] === parseImageReference(reference).host;
  return isOwn ? { insecure, registryConfig } : { registryConfig };
}

function fingerprintOf({ labels }: ImageConfig): string | null {
  const tag = labels["dev.imagespec.tag"];
  return tag !== undefined && /^[a-z2-7]{26}$/.test(tag) ? tag : null;
}

/**
 * What an image in a registry was made from, by its label `dev.imagespec.plan`.
 *
 * @throws ImageSpecError `IMAGE_ABSENT`, `EXISTENCE_UNKNOWN`, `IMAGE_PLAN_MISSING`, `PLAN_UNREADABLE`,
 * `REFERENCE_INVALID`
 */
export async function readImagePlan(name: string, comparison: Comparison): Promise<Against> {
  const { invocation, project, images } = comparison;
  const image = images[0]!;
  const reference = formatImageReference(parseImageReference(name));
  const query = { ...queryFor(reference, image), signal: invocation.signal };
  return withRegistry(project, invocation.surroundings, async (registry) => {
    const question = { reference, registry, query };
    await checkThere(question);
    const config = await configOf(question, image.plan.platforms);
    const record = planOf(config, reference);
    return { kind: "image", name, reference, fingerprint: fingerprintOf(config), time: null, record };
  });
}
