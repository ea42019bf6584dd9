import {
  comparePlans,
  explainPlan,
  type PlanDifference,
  type ResolvedImage,
  recordImage,
} from "@imagespec/core";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { type Against, findAgainst, lastBuilds } from "../explain/against.ts";
import { formatDifferences, formatInputs } from "../explain/format-explanation.ts";
import type { ExplainFlags } from "../options/flags.ts";
import { explainedImageDocument } from "../output/explained-document.ts";
import { writeDocument } from "../output/json-document.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { openProject, type Project } from "../project.ts";
import { type Invocation, withSession } from "../session.ts";

/** An image and what it is compared with, where there is something. */
type Explained = Readonly<{
  image: ResolvedImage;
  against: Against | undefined;
  differences: readonly PlanDifference[];
}>;

async function explainOne(image: ResolvedImage, against: Against | undefined): Promise<Explained> {
  const differences = against ? comparePlans(against.record, await recordImage(image)) : [];
  return { image, against, differences };
}

async function explainAll(
  invocation: Invocation<ExplainFlags>,
  project: Project,
): Promise<readonly Explained[]> {
  return withSession(invocation, project, {
    use: async (session) => {
      const images = await session.engine.resolve(session.named, invocation.signal);
      const comparison = { invocation, project, session, images };
      const { against: name } = invocation.flags;
      const others = name === undefined ? lastBuilds(comparison) : [await findAgainst(name, comparison)];
      return Promise.all(images.map((image, index) => explainOne(image, others[index])));
    },
  });
}

function comparisonText({ image, against, differences }: Explained): string {
  if (!against) {
    return "no build of it was noted here: compare it with a spec or an image by --against\n";
  }
  const isSameTag = against.fingerprint === null || against.fingerprint === image.fingerprint;
  return formatDifferences(against, { differences, isSameTag });
}

function format(explained: Explained): string {
  const { plan, reference } = explained.image;
  const head = sanitizeLine(`${plan.destination.name}  ${reference}`);
  return `${head}\n\n${formatInputs(explainPlan(plan))}\n${comparisonText(explained)}`;
}

/** Why a tag is what it is: each input with its digest, and what differs from something else. */
export async function explain(invocation: Invocation<ExplainFlags>): Promise<ExitCode> {
  const { flags, surroundings } = invocation;
  const project = await openProject(flags, surroundings);
  const explained = await explainAll(invocation, project);
  if (flags.json) writeDocument({ images: explained.map(explainedImageDocument) }, surroundings);
  else surroundings.stdout.write(explained.map(format).join("\n"));
  return exitCodes.done;
}
