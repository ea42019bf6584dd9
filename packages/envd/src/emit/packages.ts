import { quoteShell } from "@imagespec/core";
import type { IndexOptions, ProjectStep, RequirementsStep } from "@imagespec/core/builder";
import type { Emission } from "./emission.ts";

/** The file that envd is told of. Its one line makes envd leave the reading of requirements to pip. */
const REQUIREMENTS = "requirements.txt";
/** Where our own requirements files lie in the context. */
const FOLDER = "envd";
/** The file that a lock or project file is turned into when the image is built. */
export const EXPORTED_REQUIREMENTS: string = `${FOLDER}/project.txt`;

/** Options that pip takes in a requirements file too: pip's `cmdoptions` for requirements. */
const fileOptions =
  /^(--(index-url|extra-index-url|no-index|find-links|no-binary|only-binary|prefer-binary|require-hashes|pre|trusted-host|use-feature)(=.*)?|-i|-f)$/s;

function indexWords({ index, extraIndexes }: IndexOptions): string[] {
  return [
    ...(index === undefined ? [] : ["--index-url", index]),
    ...extraIndexes.flatMap((url) => ["--extra-index-url", url]),
  ];
}

function refuseArgument(emission: Emission, message: string, field: string): void {
  emission.refuse(message, {
    code: "ENVD_PIP_ARGUMENT",
    field,
    hint: "put packages into a base image of their own (baseImage takes a spec), or use the docker builder",
  });
}

/** pip takes a word with a dash for an option, and a line of a file for what the file's grammar makes of it. */
function goodPackages(emission: Emission, packages: readonly string[]): string[] {
  return emission.texts(packages, "packages").filter((one, index) => {
    if (!/^\s*-/.test(one)) return true;
    refuseArgument(emission, `${JSON.stringify(one)} would be taken for an option`, `packages[${index}]`);
    return false;
  });
}

/** By arguments of pip, each quoted once more for envd's own split into words. */
function writeArguments(emission: Emission, { packages, index }: RequirementsStep): void {
  const words = [
    ...emission.texts(indexWords(index), "pipIndex"),
    ...emission.texts(index.extraArguments, "pipExtraArgs"),
    ...goodPackages(emission, packages),
  ];
  emission.call("install.python_packages", { name: words.map(quoteShell) });
}

/** A value in a line that pip reads: no line break, no comment, no variable that pip would fill in. */
function lineText(emission: Emission, value: string, field: string): string {
  if (!/[\r\n\v\f\u001c-\u001e\u0085\u2028\u2029]|(^|\s)#|\$\{[A-Z0-9_]+\}|\\$/.test(value)) {
    return emission.text(value, field);
  }
  refuseArgument(emission, `a requirements file cannot hold ${JSON.stringify(value)} as it is`, field);
  return "";
}

function optionLine(emission: Emission, [name, value]: readonly [string, string?]): string {
  return lineText(emission, value === undefined ? name : `${name} ${value}`, "pipIndex");
}

/** The extra arguments, one option with its value a line. */
function extraLines(emission: Emission, words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const isOption = word.startsWith("-");
    if (isOption && !fileOptions.test(word)) {
      const message = `pip takes ${JSON.stringify(word)} with packages alone, not beside a file of requirements`;
      refuseArgument(emission, message, "pipExtraArgs");
    } else if (isOption || lines.length === 0) lines.push(word);
    else lines.push(`${lines.pop()} ${word}`);
  }
  return lines.map((line) => lineText(emission, line, "pipExtraArgs"));
}

function indexLines(emission: Emission, index: IndexOptions): string[] {
  return [
    ...(index.index === undefined ? [] : [optionLine(emission, ["--index-url", index.index])]),
    ...index.extraIndexes.map((url) => optionLine(emission, ["--extra-index-url", url])),
    ...extraLines(emission, index.extraArguments),
  ];
}

function addFile(emission: Emission, path: string, lines: readonly string[]): void {
  emission.files.push({ path, content: lines.map((line) => `${line}\n`).join("") });
}

function install(emission: Emission, lines: readonly string[]): void {
  addFile(emission, REQUIREMENTS, [`-r ${FOLDER}/all.txt`]);
  addFile(emission, `${FOLDER}/all.txt`, lines);
  emission.call("install.python_packages", { requirements: REQUIREMENTS });
}

/**
 * Local files are named relative to their requirements file. pip looks for packages from the folder it runs in, which
 * is the root of the context, and for links from the file's own.
 */
function placeLocal(line: string): string {
  return line
    .replace(/^\.\/local\//, "./requirements/local/")
    .replace(/^(--find-links )\.\/local\//, "$1../requirements/local/");
}

function writeFile(emission: Emission, step: RequirementsStep): void {
  step.files.forEach(({ lines }, position) => {
    const texts = lines.map((line, index) => emission.text(placeLocal(line), `requirements[${index}]`));
    addFile(emission, `${FOLDER}/${position}.txt`, texts);
  });
  const packages = goodPackages(emission, step.packages);
  install(emission, [
    ...indexLines(emission, step.index),
    "-r 0.txt",
    ...packages.map((one, index) => lineText(emission, one, `packages[${index}]`)),
  ]);
}

/** `requirements.txt` and `packages`. Both in one call of pip, so that it looks for versions that fit all of them. */
export function writeRequirements(emission: Emission, step: RequirementsStep): void {
  if (step.files.length > 0) writeFile(emission, step);
  else if (step.packages.length > 0) writeArguments(emission, step);
}

/** What a lock or pyproject.toml describes: by requirements that are exported when the image is built. */
export function writeProject(emission: Emission, { index }: ProjectStep): void {
  install(emission, [...indexLines(emission, index), "-r project.txt"]);
}
