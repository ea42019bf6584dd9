import { parseImageReference } from "@imagespec/core";
import { formatDifference } from "../explain/format-explanation.ts";
import type { ForeseenImage, PlannedImageDocument } from "./planned-document.ts";
import { sanitizeLine } from "./sanitize.ts";
import { formatTable } from "./table.ts";

const heading = ["IMAGE", "WOULD", "BUILDER", "REFERENCE", "ASKED", "WHY"];
const words: Readonly<Record<PlannedImageDocument["action"], string>> = {
  present: "keep",
  build: "build",
  blocked: "fail",
  skip: "skip",
};
/** Of what differs from the last build here; `explain` tells all. */
const mostDifferences = 3;

/** Who said whether the image is there, and as whom it was asked. */
function askedOf({ answeredBy, existence, builder, image }: ForeseenImage): string {
  if (answeredBy === "nobody") return "-";
  if (answeredBy === "builder") return `${builder}'s store`;
  const { host } = parseImageReference(image.reference);
  const mirror = existence.verdict === "present" ? existence.mirror : undefined;
  const login = existence.credentialSource;
  return [mirror ? `${host} at its mirror ${mirror}` : host, login && `login of ${login}`]
    .filter((part) => part)
    .join(", ");
}

function baseWords({ base }: ForeseenImage["image"]["plan"]): string {
  if (base.kind === "image") return `${base.reference}, a spec of its own`;
  if (base.digest !== undefined) return `${base.reference}@${base.digest}`;
  return base.reference;
}

function buildWords({ name, image, destination, builder }: ForeseenImage): string {
  const { host, repository } = parseImageReference(image.reference);
  const platforms = image.plan.platforms.join(" and ");
  const end =
    destination === "registry" ? `pushes it to ${host}/${repository}` : `keeps it in ${builder}'s store`;
  return `${name}: builds for ${platforms} on ${baseWords(image.plan)}, and ${end}`;
}

function changeWords({ changes }: ForeseenImage): string[] {
  if (!changes) return [];
  const { differences } = changes;
  if (differences.length === 0) return ["nothing differs from the last build here"];
  const shown = differences.slice(0, mostDifferences).map(formatDifference);
  const left = differences.length - shown.length;
  const more = left > 0 ? [`and ${left} more: imagespec explain`] : [];
  return [`since the last build here: ${[...shown, ...more].join("; ")}`];
}

function hintOf({ existence, action }: ForeseenImage): string[] {
  const hint = existence.verdict === "unknown" ? existence.hint : undefined;
  return action === "blocked" && hint ? [`hint: ${hint}`] : [];
}

function details(image: ForeseenImage): readonly string[] {
  if (image.action === "build") return [buildWords(image), ...changeWords(image).map((line) => `  ${line}`)];
  return hintOf(image).map((hint) => `${image.name}: ${hint}`);
}

/** A table of what would happen to each image, and after it what builds would do. */
export function formatPlan(images: readonly ForeseenImage[]): string {
  const rows = images.map((planned) => {
    const { name, action, builder, image, reason } = planned;
    return [name, words[action], builder, image.reference, askedOf(planned), reason].map(sanitizeLine);
  });
  const lines = images.flatMap(details).map((line) => `${sanitizeLine(line)}\n`);
  return [formatTable([heading, ...rows]), ...(lines.length > 0 ? ["\n"] : []), ...lines].join("");
}
