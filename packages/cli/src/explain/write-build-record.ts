import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import {
  type BuildPlan,
  type ImageOutcome,
  type PlanRecord,
  type ResolvedImage,
  recordImage,
  recordPlan,
  replaceFile,
} from "@imagespec/core";
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

/** What was built, and how to look at its spec once more. */
export type NotedBuild = Readonly<{
  outcome: ImageOutcome;
  resolve: () => Promise<ResolvedImage | undefined>;
}>;

function hasProject({ steps, base }: BuildPlan): boolean {
  return steps.some(({ kind }) => kind === "project") || (base.kind === "image" && hasProject(base.plan));
}

/** With the packages of its lock, unless its files have changed or gone since it was built. */
async function recordOf({ outcome, resolve }: NotedBuild): Promise<PlanRecord> {
  const image = hasProject(outcome.plan) ? await resolve().catch(() => undefined) : undefined;
  return image?.fingerprint === outcome.fingerprint ? recordImage(image) : recordPlan(outcome.plan);
}

async function recordText(build: NotedBuild): Promise<string> {
  const { fingerprint, reference, image } = build.outcome;
  const rest = { reference, digest: image?.digest ?? null, time: Date.now(), ...(await recordOf(build)) };
  return `${recordHead(fingerprint)}${JSON.stringify(rest).slice(1)}\n`;
}

/** Writes what an image was made from, in one step. A plan holds no secrets; the file is its owner's alone even so. */
export async function writeBuildRecord(file: string, build: NotedBuild): Promise<void> {
  const folder = path.dirname(file);
  const text = await recordText(build);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await replaceFile(file, text, 0o600);
  removeOutdated(folder);
}
