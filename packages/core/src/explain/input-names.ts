import { stripUrlCredentials } from "../spec/url-credentials.ts";
import type { PlanNames } from "./plan-record.ts";

const secretName = /(?:secret|token|passw(?:or)?d|passphrase|credential|api_?key|private_?key|access_?key)/i;

/** A value as it may be shown: a variable whose name says that it is a secret is masked, as are logins in URLs. */
export function shownValue(name: string, value: string): string {
  return secretName.test(name) ? "***" : stripUrlCredentials(value).text;
}

function restBelow(imagePath: string, target: string): string | undefined {
  if (imagePath === target) return "";
  const folder = target === "/" ? "/" : `${target}/`;
  return imagePath.startsWith(folder) ? imagePath.slice(folder.length) : undefined;
}

/** What people call a file of the image: its path in the working directory, where somebody told what that is. */
export function fileName(imagePath: string, { trees = [] }: PlanNames): string {
  let best: Readonly<{ target: string; name: string }> | undefined;
  for (const { target, origin } of trees) {
    const rest = restBelow(imagePath, target);
    if (rest === undefined || (best && target.length <= best.target.length)) continue;
    best = { target, name: [origin, rest].filter((part) => part !== "").join("/") };
  }
  return best?.name || imagePath;
}

/** What people call a requirements file. */
export function requirementsName(position: number, { requirements = [] }: PlanNames): string {
  return requirements[position] || (position === 0 ? "requirements" : `requirements[${position}]`);
}
