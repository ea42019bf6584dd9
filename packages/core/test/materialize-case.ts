import { execFileSync } from "node:child_process";
import { chmodSync, lchownSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

/** One file of a recorded case, as `testdata/same-or-different.json` describes them. */
type RecordedFile =
  | string
  | Readonly<{
      text?: string;
      base64?: string;
      repeat?: string;
      times?: number;
      symlink?: string;
      dir?: boolean;
      mode?: number | string;
      mtime?: number;
      uid?: number;
    }>;

export type RecordedCase = Readonly<{
  spec: Readonly<Record<string, unknown>>;
  files?: Readonly<Record<string, RecordedFile>>;
  under?: string;
  git?: boolean | Readonly<{ add?: readonly string[] }>;
}>;

function bytesOf(file: Exclude<RecordedFile, string>): Buffer {
  if (file.base64 !== undefined) return Buffer.from(file.base64, "base64");
  return Buffer.from(file.repeat !== undefined ? file.repeat.repeat(file.times ?? 1) : (file.text ?? ""));
}

function writeOne(place: string, recorded: RecordedFile): void {
  const file = typeof recorded === "string" ? { text: recorded } : recorded;
  mkdirSync(path.dirname(place), { recursive: true });
  if (file.symlink !== undefined) symlinkSync(file.symlink, place);
  else if (file.dir) mkdirSync(place, { recursive: true });
  else writeFileSync(place, bytesOf(file));
  if (file.mode !== undefined && file.symlink === undefined) {
    chmodSync(place, typeof file.mode === "string" ? Number.parseInt(file.mode, 8) : file.mode);
  }
  if (file.uid !== undefined && process.getuid?.() === 0) lchownSync(place, file.uid, file.uid);
  if (file.mtime !== undefined) lutimesSync(place, file.mtime, file.mtime);
}

function substitute(value: unknown, directory: string): unknown {
  if (typeof value === "string") return value.replaceAll("$DIR", directory);
  if (Array.isArray(value)) return value.map((item) => substitute(item, directory));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, directory)]));
}

function initGit(directory: string, git: RecordedCase["git"]): void {
  if (!git) return;
  execFileSync("git", ["init", "-q"], { cwd: directory });
  const add = typeof git === "object" ? (git.add ?? []) : [];
  if (add.length > 0) execFileSync("git", ["add", "-f", ...add], { cwd: directory });
}

/** Makes the files of a case below `root`, in the order given, and gives its directory and its spec. */
export function materializeCase(
  root: string,
  recorded: RecordedCase,
): Readonly<{ directory: string; spec: Record<string, unknown> }> {
  const directory = path.join(root, recorded.under ?? "");
  mkdirSync(directory, { recursive: true });
  for (const [name, file] of Object.entries(recorded.files ?? {})) writeOne(path.join(directory, name), file);
  initGit(directory, recorded.git);
  return { directory, spec: substitute(recorded.spec, directory) as Record<string, unknown> };
}
