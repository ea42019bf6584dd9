import type { EntrypointStep } from "@imagespec/core";
import { findStep, fingerprint } from "@imagespec/core";
import type { Emission } from "../emission.ts";
import { planLabel } from "../plan-label.ts";
import { quoteExec } from "../quote.ts";
import { baseUser } from "./base.ts";

export function writeEntrypoint(emission: Emission, step: EntrypointStep): void {
  emission.image.add("ENTRYPOINT ", ...quoteExec(emission.texts(step.arguments, "entrypoint")));
}

function standardLabels({ plan }: Emission): Record<string, string> {
  return {
    "dev.imagespec.builder": "docker",
    "dev.imagespec.tag": fingerprint(plan),
  };
}

function isOwnLabel(name: string, emission: Emission): boolean {
  if (!name.startsWith("dev.imagespec.")) return false;
  const hint = "choose another name";
  emission.refuse(`labels named dev.imagespec.… are set by imagespec`, {
    code: "DOCKER_LABEL_NAME",
    field: "labels",
    hint,
  });
  return true;
}

function isGoodLabel(name: string, emission: Emission): boolean {
  if (isOwnLabel(name, emission)) return false;
  if (/^[^\p{Cc}\s"'\\$=]+$/u.test(name)) return true;
  const hint = "a label's name has neither blanks nor quotes, $, = or \\";
  const message = `${JSON.stringify(name)} cannot be the name of a label`;
  emission.refuse(message, { code: "DOCKER_LABEL_NAME", field: "labels", hint });
  return false;
}

/** The spec's labels, which may give another title, and ours. */
export function writeLabels(emission: Emission): void {
  const given = findStep(emission.plan, "labels")?.labels ?? {};
  const good = Object.entries(given).filter(([name]) => isGoodLabel(name, emission));
  const labels = {
    "org.opencontainers.image.title": emission.plan.destination.name,
    ...Object.fromEntries(good),
    ...standardLabels(emission),
  };
  addLabels(emission, labels);
}

/** What the image was made from, the last of all: of engines that take labels beside a Dockerfile nothing else changes. */
export function writePlanLabel(emission: Emission): Readonly<Record<string, string>> {
  const labels = { "dev.imagespec.plan": planLabel(emission.plan) };
  addLabels(emission, labels);
  return labels;
}

function addLabels(emission: Emission, labels: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(labels)) {
    const word = emission.word(emission.image, value, `labels.${name}`);
    emission.image.add(`LABEL "${name}"=`, ...word);
  }
}

export function restoreUser(emission: Emission): void {
  const user = baseUser(emission);
  if (user !== undefined) emission.image.add(`USER ${user}`);
}
