import path from "node:path";
import type { FilesStep, PlannedTree } from "@imagespec/core";
import type { Emission } from "../emission.ts";
import { isWithin } from "../image-paths.ts";
import { quoteCopy } from "../quote.ts";
import { grantAccess, makeLink } from "../scripts/files.ts";
import { baseUser } from "./base.ts";
import { writePythonPath } from "./environment.ts";
import { runStep } from "./run-step.ts";

/** Engines hold at most 127 layers, those of the base and of other steps among them. */
const MOST_TREES = 64;

function isFilesStep(step: Readonly<{ kind: string }>): step is FilesStep {
  return step.kind === "files";
}

function ancestors(target: string): string[] {
  const parent = path.posix.dirname(target);
  return parent === target ? [] : [...ancestors(parent), parent];
}

/** The folders above the work directory, and those that what is copied elsewhere lies in, outermost first. */
function foldersToPass({ plan }: Emission): string[] {
  const targets = plan.steps.filter(isFilesStep).flatMap(({ trees }) => trees.map(({ target }) => target));
  const elsewhere = targets.filter((target) => !isWithin(target, plan.workDirectory));
  const above = [
    ...ancestors(plan.workDirectory),
    ...elsewhere.flatMap((target) => [...ancestors(target), target]),
  ];
  return [...new Set(above)];
}

/** The work directory, which a base's own user may use as its own. */
export function writeWorkDirectory(emission: Emission): void {
  const { image, plan } = emission;
  const user = baseUser(emission);
  const directory = emission.text(plan.workDirectory, "workDirectory");
  if (user !== undefined) {
    const folders = foldersToPass(emission).map((folder) => emission.text(folder, "copy"));
    runStep(emission, image, { script: grantAccess, arguments: [user, directory, ...folders] });
  }
  const word = emission.word(image, directory, "workDirectory");
  image.add("WORKDIR ", ...word);
  writePythonPath(emission, image);
}

/** COPY follows a symlink that is its source. */
function writeLink(emission: Emission, link: string, target: string): void {
  const words = [emission.text(target, "copy"), emission.text(link, "copy"), baseUser(emission) ?? ""];
  runStep(emission, emission.image, { script: makeLink, arguments: words });
}

function writeTree(emission: Emission, tree: PlannedTree): void {
  const root = tree.files.find(({ path: place }) => place === "");
  if (root?.type === "symlink") {
    writeLink(emission, tree.target, root.target);
    return;
  }
  const end = root?.type === "file" || tree.target === "/" ? "" : "/";
  const source = emission.text(tree.context, "copy") + (root?.type === "file" ? "" : "/");
  const user = baseUser(emission);
  const owner = user === undefined ? [] : [`--chown=${user} `];
  const target = emission.text(tree.target, "copy") + end;
  emission.image.add("COPY ", ...owner, ...quoteCopy(source, target));
}

export function writeFiles(emission: Emission, { trees }: FilesStep): void {
  if (trees.length > MOST_TREES) {
    const hint = "copy into fewer folders, or below the work directory, where all of it is one layer";
    const message = `${trees.length} folders outside of the work directory would be as many layers`;
    emission.refuse(message, { code: "DOCKER_TOO_MANY_COPIES", field: "copy", hint });
    return;
  }
  for (const tree of trees) writeTree(emission, tree);
}
