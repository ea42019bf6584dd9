import { access } from "node:fs/promises";
import path from "node:path";
import { sourceIgnoreRules, standardIgnoreRules } from "../context/ignore-rules.ts";
import { listFiles } from "../context/list-files.ts";
import { type RequirementLine, type RequirementsFile, readRequirements } from "../spec/requirements-file.ts";
import { stripUrlCredentials, type UrlCredential } from "../spec/url-credentials.ts";
import type { PlannedTree, RequirementsText } from "./build-plan.ts";
import { compareText } from "./encode-canonical.ts";
import { unique } from "./normal-values.ts";
import { originOf, planTree, type ResolveContext } from "./resolve-context.ts";

/** What requirements files bring into a plan. */
export type ResolvedRequirements = Readonly<{
  files: readonly RequirementsText[];
  local: readonly PlannedTree[];
  credentials: readonly UrlCredential[];
}>;

const folder = "requirements";

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** pip takes a local path relative to the working directory, uv relative to the file that names it. */
async function locate(target: string, from: string, context: ResolveContext): Promise<string> {
  const fromDirectory = path.resolve(context.directory, target);
  return (await exists(fromDirectory)) ? fromDirectory : path.resolve(path.dirname(from), target);
}

async function planLocal(hostPath: string, position: number, context: ResolveContext): Promise<PlannedTree> {
  const place = `${folder}/local/${position}`;
  const isArchive = /\.(whl|tar\.gz|zip|tar\.bz2|tgz)$/i.test(hostPath);
  const base = isArchive ? path.dirname(hostPath) : hostPath;
  const listed = await listFiles({
    base,
    path: isArchive ? path.basename(hostPath) : "",
    rules: isArchive ? standardIgnoreRules : await sourceIgnoreRules(base, context.texts.ignoreLines),
    field: "requirements",
    signal: context.signal,
  });
  // An archive's name is its version, so it is kept, in a folder of its own.
  const files = isArchive ? listed.map((file) => ({ ...file, path: path.basename(hostPath) })) : listed;
  return planTree(context, { target: `/${place}`, context: place, files, base });
}

class RequirementsResolver {
  readonly #files: readonly RequirementsFile[];
  readonly #context: ResolveContext;
  readonly #local = new Map<string, PlannedTree>();
  readonly #credentials: UrlCredential[] = [];

  constructor(files: readonly RequirementsFile[], context: ResolveContext) {
    this.#files = files;
    this.#context = context;
  }

  async resolve(): Promise<ResolvedRequirements> {
    const files: RequirementsText[] = [];
    for (const [position, file] of this.#files.entries()) {
      const origin = originOf(file.file, this.#context);
      const lines = await this.#lines(file);
      files.push({ context: `${folder}/${position}.txt`, lines, ...(origin !== undefined && { origin }) });
    }
    return { files, local: [...this.#local.values()], credentials: this.#credentials };
  }

  /** Options keep their order and come first; requirements are a set. */
  async #lines({ file, lines }: RequirementsFile): Promise<string[]> {
    const options: string[] = [];
    const requirements: string[] = [];
    for (const line of lines) {
      const isSet = line.kind === "requirement" || (line.kind === "local" && !line.option);
      (isSet ? requirements : options).push(await this.#text(line, file));
    }
    return [...options, ...unique(requirements).sort(compareText)];
  }

  async #text(line: RequirementLine, file: string): Promise<string> {
    if (line.kind === "include") {
      const target = path.resolve(path.dirname(file), line.path);
      return `${line.option} ${this.#files.findIndex((one) => one.file === target)}.txt`;
    }
    if (line.kind === "local") return this.#localText(line, file);
    const { text, credentials } = stripUrlCredentials(line.text);
    this.#credentials.push(...credentials);
    return text;
  }

  async #localText(line: Extract<RequirementLine, { kind: "local" }>, file: string): Promise<string> {
    const hostPath = await locate(line.path, file, this.#context);
    const tree = this.#local.get(hostPath) ?? (await planLocal(hostPath, this.#local.size, this.#context));
    this.#local.set(hostPath, tree);
    const archive = tree.files.length === 1 && tree.files[0]?.type === "file" ? `/${tree.files[0].path}` : "";
    const place = `./${tree.context.slice(folder.length + 1)}${archive}`;
    return line.option ? `${line.option} ${place}` : place + line.suffix;
  }
}

/**
 * A requirements file with all that it includes, normalised for the context: its texts lie side by side, named by
 * their number, and what they name on this machine lies below them. The texts become sources of the context.
 *
 * @throws ImageSpecError as `readRequirements` and `listFiles`
 */
export async function resolveRequirements(
  file: string,
  context: ResolveContext,
): Promise<ResolvedRequirements> {
  const read = await readRequirements(path.resolve(context.directory, file), context.texts);
  const resolved = await new RequirementsResolver(read, context).resolve();
  for (const { context: place, lines } of resolved.files) {
    context.sources.set(place, { text: lines.map((line) => `${line}\n`).join("") });
  }
  return resolved;
}
