import { readFile } from "node:fs/promises";

const file = new URL("../../testdata/docker-20.10-failed-step.jsonl", import.meta.url);

/** The answer of Docker 20.10 to a build whose step ends with exit code 42. */
export async function recordedBuild(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}
