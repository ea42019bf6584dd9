import { posix } from "node:path";
import { quoteShell } from "@imagespec/core";
import type { FilesStep } from "@imagespec/core/builder";
import type { Emission } from "./emission.ts";

/** Names of what was copied, each ended by NUL, for a base whose user only it knows by number. */
const OWNED = "envd/owned";

/** The base's own user, or undefined for root, whose the files are anyway. */
function baseUser({ base }: Emission): string | undefined {
  const user = base?.user ?? "";
  return ["", "0", "root", "0:0", "root:root", "0:root", "root:0"].includes(user) ? undefined : user;
}

function trees({ plan }: Emission): FilesStep["trees"] {
  return plan.steps.filter((step): step is FilesStep => step.kind === "files").flatMap(({ trees }) => trees);
}

function ancestors(folder: string): string[] {
  const parent = posix.dirname(folder);
  return parent === folder ? [] : [...ancestors(parent), parent];
}

function copiedPaths(emission: Emission): string[] {
  return trees(emission).flatMap(({ target, files }) => files.map(({ path }) => posix.join(target, path)));
}

/** Numbers go to envd, so that what it copies has the right owner at once. */
export function writeOwner(emission: Emission): void {
  const [, uid, , gid = uid] = /^(\d+)(:(\d+))?$/.exec(baseUser(emission) ?? "0") ?? [];
  emission.call("config.owner", { uid: Number(uid ?? 0), gid: Number(gid ?? 0) });
}

/** The user can use the work directory as its own, and pass the folders above it. */
function workDirectoryLines({ plan }: Emission, owner: string): string[] {
  const above = ancestors(plan.workDirectory).filter((folder) => folder !== "/");
  return [
    `mkdir -p ${quoteShell(plan.workDirectory)}`,
    `chown ${quoteShell(owner)} ${quoteShell(plan.workDirectory)}`,
    ...above.map((folder) => `chmod o+x ${quoteShell(folder)}`),
  ];
}

/** Gives what was copied, and the work directory, to the base's user. Root needs nothing of it. */
export function writeAccess(emission: Emission): void {
  const user = baseUser(emission);
  if (user === undefined) return;
  const isNumeric = /^\d+(:\d+)?$/.test(user);
  const owner = user.includes(":") ? user : `${user}:`;
  const paths = isNumeric ? [] : copiedPaths(emission);
  const lines = workDirectoryLines(emission, isNumeric ? user : owner);
  if (paths.length > 0) {
    emission.files.push({ path: OWNED, content: paths.map((path) => `${path}\0`).join("") });
    lines.push(`xargs -0 chown -h ${quoteShell(owner)} -- < ${OWNED}`);
  }
  emission.shell(lines, { mountHost: paths.length > 0 });
}
