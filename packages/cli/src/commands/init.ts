import { lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ImageSpecError } from "@imagespec/core";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { configTemplate, moduleTemplate, yamlTemplate } from "../init/write-templates.ts";
import type { InitFlags } from "../options/flags.ts";
import { writeDocument } from "../output/json-document.ts";
import type { Invocation } from "../session.ts";
import { usageError } from "../usage-error.ts";

const schema = "./node_modules/imagespec/schema/image.schema.json";

type Draft = Readonly<{ name: string; text: string }>;

/** What people may call a repository, from a folder's name. */
function imageName(folder: string): string {
  const name = path
    .basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" ? "app" : name;
}

function drafts(folder: string, { yaml }: InitFlags): readonly Draft[] {
  const name = imageName(folder);
  const image = yaml
    ? { name: "image.yaml", text: yamlTemplate(name, schema) }
    : { name: "image.ts", text: moduleTemplate(name) };
  return [{ name: "imagespec.config.ts", text: configTemplate }, image];
}

function refuseExisting(folder: string, files: readonly Draft[]): void {
  for (const { name } of files) {
    if (lstatSync(path.join(folder, name), { throwIfNoEntry: false }) === undefined) continue;
    throw usageError(`${name} is there already, and is not overwritten`, {
      file: name,
      hint: "move it away, or name another folder: imagespec init FOLDER",
    });
  }
}

function cannotWrite(folder: string, error: unknown): ImageSpecError {
  const { code } = error as NodeJS.ErrnoException;
  return usageError(`${folder} cannot be written to (${code})`, { hint: "name a folder of your own" });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

/** All files or none. */
function writeAll(folder: string, files: readonly Draft[]): void {
  const written: string[] = [];
  try {
    for (const { name, text } of files) {
      const place = path.join(folder, name);
      writeFileSync(place, text, { flag: "wx" });
      written.push(place);
    }
  } catch (error) {
    for (const place of written) rmSync(place);
    throw cannotWrite(folder, error);
  }
}

/** Writes a config and a spec with every field, commented, that builds as it is. Nothing is overwritten. */
export async function init({ sources, flags, surroundings }: Invocation<InitFlags>): Promise<ExitCode> {
  const [given = "."] = sources;
  const folder = path.resolve(flags.cwd ?? ".", given);
  const files = drafts(folder, flags);
  makeFolder(folder);
  refuseExisting(folder, files);
  writeAll(folder, files);
  const names = files.map(({ name }) => path.join(given, name));
  if (flags.json) writeDocument({ files: names }, surroundings);
  else surroundings.stdout.write(names.map((name) => `${name}\n`).join(""));
  return exitCodes.done;
}
