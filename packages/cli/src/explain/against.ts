import { type PlanRecord, type ResolvedImage, recordImage } from "@imagespec/core";
import type { Project } from "../project.ts";
import { type Invocation, type Session, withSession } from "../session.ts";
import { isSource } from "../specs/is-source.ts";
import { usageError } from "../usage-error.ts";
import { buildRecordFile } from "./build-record.ts";
import { readBuildRecord } from "./read-build-record.ts";

/** What an image is compared with. */
export type Against = Readonly<{
  kind: "last-build" | "spec" | "lock" | "image";
  /** As the user called it. */
  name: string;
  reference: string;
  /** Null for an image that does not tell. */
  fingerprint: string | null;
  /** When it was built, in milliseconds since the epoch, where that is known. */
  time: number | null;
  record: PlanRecord;
}>;

export type Comparison = Readonly<{
  invocation: Invocation;
  project: Project;
  session: Session;
  images: readonly ResolvedImage[];
}>;

async function ofImage(kind: Against["kind"], name: string, image: ResolvedImage): Promise<Against> {
  const { reference, fingerprint } = image;
  return { kind, name, reference, fingerprint, time: null, record: await recordImage(image) };
}

/** The last build of each spec here; undefined where none was noted. */
export function lastBuilds({
  session,
  invocation,
  project,
}: Omit<Comparison, "images">): readonly (Against | undefined)[] {
  const { environment } = invocation.surroundings;
  return session.specs.map((spec) => {
    const found = readBuildRecord(buildRecordFile(spec, { cwd: project.cwd, environment }));
    return found && { kind: "last-build", name: "the last build here", ...found };
  });
}

async function againstSpec(name: string, { invocation, project }: Comparison): Promise<Against> {
  const images = await withSession({ ...invocation, sources: [name] }, project, {
    use: ({ engine, named }) => engine.resolve(named, invocation.signal),
  });
  const [image, ...others] = images;
  if (image && others.length === 0) return ofImage("spec", name, image);
  throw usageError(`--against: ${name} holds ${images.length} specs`, {
    hint: `pick one of them: --against ${name}#KEY`,
  });
}

async function againstLock(name: string, comparison: Comparison): Promise<Against> {
  const { resolveWithLock } = await import("./with-other-lock.ts");
  const image = await resolveWithLock(name, comparison);
  return ofImage("lock", name, image);
}

async function againstImage(name: string, comparison: Comparison): Promise<Against> {
  const { readImagePlan } = await import("./read-image-plan.ts");
  return readImagePlan(name, comparison);
}

/** `imagespec.lock.json`, in any folder and of any commit. */
const lockName = /(?:^|[/:])imagespec\.lock\.json$/;

/**
 * What `--against` names: a lock, a spec, or an image of a registry.
 *
 * @throws ImageSpecError `USAGE`, and for what cannot be found, read or compared
 */
export async function findAgainst(name: string, comparison: Comparison): Promise<Against> {
  if (comparison.images.length !== 1) {
    throw usageError(`--against compares one spec, and there are ${comparison.images.length}`, {
      hint: "pick one of the source's specs: FILE#KEY",
    });
  }
  if (lockName.test(name)) return againstLock(name, comparison);
  if (isSource(name, comparison.project.config)) return againstSpec(name, comparison);
  return againstImage(name, comparison);
}
