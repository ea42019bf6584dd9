import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, resolve } from "node:path";

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** The absolute path of a program that is named, or found on PATH; undefined where it is not there. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = name.includes("/") ? ["."] : (process.env.PATH ?? "").split(delimiter);
  for (const folder of folders) {
    const file = resolve(folder, name);
    if (folder !== "" && (await isProgram(file))) return file;
  }
  return undefined;
}
