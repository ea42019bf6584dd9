import path from "node:path";
import type { FileTexts } from "../context/file-texts.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";

/**
 * One line of a requirements file, as pip reads it: https://pip.pypa.io/en/stable/reference/requirements-file-format/.
 * `include` and `local` hold the path as it is written.
 */
export type RequirementLine = Readonly<
  | { kind: "requirement"; text: string }
  | { kind: "option"; text: string }
  | { kind: "include"; option: "-r" | "-c"; path: string }
  | { kind: "local"; path: string; suffix: string; option?: "--find-links" | undefined }
>;

/** A file and what its lines say, with the place of each on disk. */
export type RequirementsFile = Readonly<{ file: string; lines: readonly RequirementLine[] }>;

/** The blanks around a line break are one blank: how a continuation is indented means nothing. */
function join(before: string, after: string): string {
  const isApart = before !== "" && (/\s$/.test(before) || /^\s/.test(after));
  return isApart ? `${before.trimEnd()} ${after.trimStart()}` : before + after;
}

function logicalLines(text: string): string[] {
  const physical = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const lines: string[] = [];
  let pending = "";
  for (const line of physical) {
    const comment = /^\s*#/.test(line);
    const joined = join(pending, line);
    if (line.endsWith("\\") && !comment) {
      pending = joined.slice(0, -1);
    } else {
      lines.push(comment && pending ? `${pending} ${line.trimStart()}` : joined);
      pending = "";
    }
  }
  return pending ? [...lines, pending] : lines;
}

const isRemote = (target: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(target);

function optionValue(line: string, names: readonly string[]): string | undefined {
  for (const name of names) {
    if (!line.startsWith(name)) continue;
    const rest = line.slice(name.length);
    const short = !name.startsWith("--");
    if (!short && !/^[\s=]/.test(rest)) continue;
    return rest.replace(/^\s*=?\s*/, "").replace(/^(["'])(.*)\1$/, "$2");
  }
  return undefined;
}

function localPath(text: string): RequirementLine | undefined {
  const [, target = ""] = /^(?:file:(?:\/\/)?)?(.*?)(\[[^\]]*\])?(?:\s*;.*|\s+--.*)?$/.exec(text) ?? [];
  const isFile = text.startsWith("file:") || /\.(whl|tar\.gz|zip|tar\.bz2|tgz)$/i.test(target);
  const isPath = /^\.{1,2}(\/|$)|^\//.test(target) || (isFile && !text.includes("@"));
  if (!isPath || isRemote(target)) return undefined;
  const start = text.indexOf(target);
  return { kind: "local", path: target, suffix: text.slice(start + target.length) };
}

function classify(line: string): RequirementLine {
  const include = optionValue(line, ["-r", "--requirement"]);
  if (include !== undefined && !isRemote(include)) return { kind: "include", option: "-r", path: include };
  const constraint = optionValue(line, ["-c", "--constraint"]);
  if (constraint !== undefined && !isRemote(constraint))
    return { kind: "include", option: "-c", path: constraint };
  const links = optionValue(line, ["-f", "--find-links"]);
  if (links !== undefined && !isRemote(links)) {
    return { kind: "local", path: links, suffix: "", option: "--find-links" };
  }
  const editable = optionValue(line, ["-e", "--editable"]);
  if (editable === undefined && line.startsWith("-")) return { kind: "option", text: line };
  const text = editable ?? line;
  return localPath(text) ?? { kind: "requirement", text };
}

/**
 * The lines of a requirements file: continuations joined, comments and blank lines gone, blanks around a line gone.
 * An editable requirement becomes a plain one: an image has no source tree to edit.
 */
export function parseRequirements(text: string): RequirementLine[] {
  return logicalLines(text)
    .map((line) => line.replace(/(^|\s+)#.*$/, "").trim())
    .filter((line) => line !== "")
    .map(classify);
}

type NamedFile = Readonly<{ file: string; from: string | undefined }>;

async function readLines({ file, from }: NamedFile, texts: FileTexts): Promise<readonly RequirementLine[]> {
  try {
    return await texts.parse(file, parseRequirements);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new ImageSpecError("SPEC_FILE_NOT_FOUND", `cannot read the requirements file (${code})`, {
      field: "requirements",
      file,
      hint: from ? `it is included by ${from}` : "paths are relative to the working directory",
      cause,
    });
  }
}

/**
 * A requirements file and every file that it includes by `-r` and `-c`, each once, the named one first.
 *
 * @throws ImageSpecError `SPEC_FILE_NOT_FOUND`; `SPEC_REQUIREMENTS_CYCLE` when a file includes itself
 */
export async function readRequirements(file: string, texts: FileTexts): Promise<RequirementsFile[]> {
  const found = new Map<string, RequirementsFile>();
  const visit = async (current: string, chain: readonly string[]): Promise<void> => {
    if (chain.includes(current)) {
      throw new ImageSpecError("SPEC_REQUIREMENTS_CYCLE", "a requirements file includes itself", {
        field: "requirements",
        file: current,
        hint: [...chain, current].map((one) => path.basename(one)).join(" → "),
      });
    }
    if (found.has(current)) return;
    const lines = await readLines({ file: current, from: chain.at(-1) }, texts);
    found.set(current, { file: current, lines });
    for (const line of lines) {
      if (line.kind === "include") {
        await visit(path.resolve(path.dirname(current), line.path), [...chain, current]);
      }
    }
  };
  await visit(path.resolve(file), []);
  return [...found.values()];
}
