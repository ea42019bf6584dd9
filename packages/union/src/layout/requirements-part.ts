import { posix } from "node:path";
import type { RequirementsStep, RequirementsText } from "@imagespec/core/builder";
import { type Part, type PartOptions, type Placement, placeTree, textContent } from "./part.ts";

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

type Origins = Readonly<{ files: readonly string[]; local: readonly string[] }>;

/** Where all that the files name lay; undefined where some of it lay elsewhere, or is called what a line cannot say. */
function originsOf({ files, local }: RequirementsStep): Origins | undefined {
  const known = [...files, ...local].map(({ origin }) => origin);
  if (known.some((origin) => origin === undefined || /[\s#'"\\;[\]]/.test(origin))) return undefined;
  const origins = known as readonly string[];
  return { files: origins.slice(0, files.length), local: origins.slice(files.length) };
}

/** Core names what a line includes by its number; here it is called as it was, from the file that names it. */
function originalLine(line: string, from: string, { files, local }: Origins): string {
  const relative = (to: string): string => posix.relative(posix.dirname(from), to);
  const include = /^(-[rc]) (\d+)\.txt$/.exec(line);
  if (include) return `${include[1]} ${relative(files[Number(include[2])] ?? "")}`;
  return line.replace(
    /^(--find-links )?\.\/local\/(\d+)/,
    (_whole, option: string | undefined, number: string) => {
      const place = relative(local[Number(number)] ?? "");
      return `${option ?? ""}${place.startsWith("..") ? place : place === "" ? "." : `./${place}`}`;
    },
  );
}

function requirementsAsWas(step: RequirementsStep, { prefix }: PartOptions): Placement | undefined {
  const origins = originsOf(step);
  if (!origins) return undefined;
  const texts = new Map(
    step.files.map(({ lines }, position) => {
      const place = origins.files[position]!;
      return [place, textOf(lines.map((line) => originalLine(line, place, origins)))];
    }),
  );
  const files = step.files.map(({ context }, position) => {
    const to = origins.files[position]!;
    return { from: prefix + context, to, content: textContent(texts.get(to)!) };
  });
  const local = step.local.flatMap((tree) => placeTree(tree, { prefix, to: tree.origin! }));
  return { placed: [...files, ...local], places: { requirements: origins.files[0] }, texts };
}

function requirementsApart(step: RequirementsStep, { prefix }: PartOptions): Placement {
  const file = ({ context, lines }: RequirementsText) => ({
    from: prefix + context,
    to: prefix + context,
    content: textContent(textOf(lines)),
  });
  const local = step.local.flatMap((tree) => placeTree(tree, { prefix, to: prefix + tree.context }));
  return {
    placed: [...step.files.map(file), ...local],
    places: { requirements: step.files[0] && prefix + step.files[0].context },
  };
}

/** The part of a requirements file with what it includes. */
export function requirementsPart(step: RequirementsStep, options: PartOptions): Part {
  return { step, asWas: requirementsAsWas(step, options), apart: requirementsApart(step, options) };
}
