import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The text of a file of the workspace. */
export const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** The files below a folder of the workspace whose names end so; nothing that is installed, made or recorded. */
export function filesBelow(folder: string, ending: RegExp): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => ending.test(file) && !/(^|\/)(node_modules|dist|testdata|bin)\//.test(file))
    .map((file) => join(folder, file));
}

/** The pages that people read. */
export const documents: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...filesBelow("packages", /README\.md$/),
  ...filesBelow("docs", /\.md$/),
];
