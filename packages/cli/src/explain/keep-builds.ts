import type { ImageOutcome } from "@imagespec/core";
import type { Surroundings } from "../output/surroundings.ts";
import { writeIssue } from "../output/write-issue.ts";
import type { Session } from "../session.ts";
import { buildRecordFile, holdsBuild } from "./build-record.ts";

/** Whether the image is there now; one that was skipped, nobody knows. */
function isThere({ status }: ImageOutcome): boolean {
  return status === "built" || status === "present";
}

function cannotKeep(error: unknown): Parameters<typeof writeIssue>[0] {
  const { code = "no reason given" } = error as NodeJS.ErrnoException;
  return {
    code: "LAST_BUILD_NOT_KEPT",
    severity: "warning",
    message: `the cache cannot be written to (${code}): explain will not know this build`,
    hint: "name another folder: export XDG_CACHE_HOME=FOLDER",
  };
}

/**
 * Notes what the images were made from, for `explain` and `plan` to compare with. Where that is known already, as for
 * an image that was there, it is one look at a file. Where it cannot be written there is a warning.
 */
export async function keepBuilds(
  outcomes: readonly ImageOutcome[],
  { specs, named, project, engine }: Session,
  surroundings: Surroundings,
): Promise<void> {
  const { environment } = surroundings;
  const builds = outcomes.map((outcome, index) => ({
    outcome,
    spec: named[index]!,
    file: buildRecordFile(specs[index]!, { cwd: project.cwd, environment }),
  }));
  const fresh = builds.filter(
    ({ outcome, file }) => isThere(outcome) && !holdsBuild(file, outcome.fingerprint),
  );
  if (fresh.length === 0) return;
  const { writeBuildRecord } = await import("./write-build-record.ts");
  try {
    for (const { outcome, spec, file } of fresh) {
      const resolve = async () => (await engine.resolve([spec]))[0];
      await writeBuildRecord(file, { outcome, resolve });
    }
  } catch (error) {
    writeIssue(cannotKeep(error), surroundings);
  }
}
