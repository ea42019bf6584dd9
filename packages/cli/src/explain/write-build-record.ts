import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type ImageOutcome, recordPlan } from "@imagespec/core";
import { recordHead } from "./build-record.ts";

/** Records of specs that are gone are removed when there are more than this. */
const mostRecords = 1000;
/** Milliseconds after which a record is taken for one of those. */
const outdated = 30 * 24 * 3600 * 1000;

function removeOutdated(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= mostRecords) return;
  for (const file of names.map((name) => path.join(folder, name))) {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats && Date.now() - stats.mtimeMs > outdated) rmSync(file, { force: true });
  }
}

function recordText({ fingerprint, reference, image, plan }: ImageOutcome): string {
  const rest = { reference, digest: image?.digest ?? null, time: Date.now(), ...recordPlan(plan) };
  return `${recordHead(fingerprint)}${JSON.stringify(rest).slice(1)}\n`;
}

/** Writes what an image was made from, in one step. A plan holds no secrets; the file is its owner's alone even so. */
export function writeBuildRecord(file: string, outcome: ImageOutcome): void {
  const folder = path.dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(draft, recordText(outcome), { mode: 0o600, flag: "wx" });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  removeOutdated(folder);
}
