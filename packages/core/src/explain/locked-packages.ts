import { readFile } from "node:fs/promises";
import { parse, type TomlTable } from "smol-toml";
import type { ProjectStep } from "../plan/build-plan.ts";
import { compareText } from "../plan/encode-canonical.ts";
import { joinPath } from "../plan/resolve-context.ts";
import type { ResolvedImage } from "../plan/resolved-image.ts";

function packageText({ name, version }: TomlTable): string[] {
  if (typeof name !== "string") return [];
  return [typeof version === "string" ? `${name}==${version}` : name];
}

/** uv.lock and poetry.lock alike hold a list of tables. */
function packagesOf(text: string): readonly string[] {
  const { package: found } = parse(text);
  const tables = Array.isArray(found) ? (found.filter((one) => typeof one === "object") as TomlTable[]) : [];
  return tables.flatMap(packageText).sort(compareText);
}

/** The packages that a project's lock holds, `pandas==2.3.3`, by the path of the lock in the project's tree. */
export async function lockedPackages(
  { tool, root, project }: ProjectStep,
  { sources }: Pick<ResolvedImage, "sources">,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const path = joinPath(root, `${tool}.lock`);
  const source = sources.get(joinPath(project.context, path));
  if (tool === "pyproject" || !source) return {};
  const text = "text" in source ? source.text : await readFile(source.file, "utf8");
  try {
    return { [path]: packagesOf(text) };
  } catch {
    // One that is not TOML has a digest, and issues of its own.
    return {};
  }
}
