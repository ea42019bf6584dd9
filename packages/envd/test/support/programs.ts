import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensurePythonPrograms } from "@imagespec/test-services";

/** The programs as pip brings them: both are single files, which need nothing around them. */
export async function ensurePrograms(): Promise<Readonly<{ envd: string; uv: string }>> {
  const directory = await ensurePythonPrograms(["envd==1.3.6", "uv==0.13.8"]);
  return { envd: join(directory, "bin", "envd"), uv: join(directory, "bin", "uv") };
}

/** Writes a program of a shell's lines and returns its path. */
export async function writeProgram(path: string, text: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A program `poetry` in that folder, with its export plugin. */
export async function ensurePoetry(folder: string): Promise<string> {
  const directory = await ensurePythonPrograms(["poetry==2.2.1", "poetry-plugin-export==1.9.0"]);
  const start = `PYTHONPATH='${directory}' exec '${join(directory, "bin", "poetry")}' "$@"`;
  return writeProgram(join(folder, "poetry"), start);
}
