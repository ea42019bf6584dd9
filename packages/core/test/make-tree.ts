import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { materializeCase, type RecordedCase } from "./materialize-case.ts";

/** A folder with these files, made in the order given, that ends with the test. */
export function makeTree(files: NonNullable<RecordedCase["files"]> = {}): string {
  const root = mkdtempSync(join(tmpdir(), "imagespec-tree-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return materializeCase(root, { spec: {}, files }).directory;
}
