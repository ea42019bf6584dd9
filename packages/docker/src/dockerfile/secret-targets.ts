import path from "node:path";
import { type BuildPlan, isCarriable, type Refusals, type SecretMount } from "@imagespec/core";
import { CA_SECRET_ID } from "../options.ts";
import type { SecretStep } from "../secret-mount-option.ts";
import { isWithin } from "./image-paths.ts";
import { fitsMount } from "./quote.ts";
import { ENVIRONMENT, PYTHON_FOLDER, TOOLS } from "./recipe.ts";
import { bringsEnvironment } from "./tools-of-plan.ts";

/** A secret that these steps are to be lent, and the field that says so. */
export type SecretRequest = Readonly<{ mount: SecretMount; field: string; steps: readonly SecretStep[] }>;

type Fault = Readonly<{ code: string; message: string; hint: string }>;

/** Ids of our own secrets, as `imagespec-netrc` is core's. */
const ownIds: readonly string[] = [CA_SECRET_ID, "imagespec-proxy", "imagespec-netrc"];

/** What engines mount there, or programs that steps run: a secret is not to be in it. */
const closed: readonly string[] = [
  ...["/dev", "/proc", "/sys", TOOLS, "/var/cache/apt", "/var/lib/apt/lists", "/var/lib/dpkg"],
  ...["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"],
  ...["/usr/bin", "/usr/sbin", "/usr/lib", "/usr/local/bin", "/usr/local/sbin", "/usr/local/lib"],
];

/** Files and folders that a secret may lie beside or in, but is not to stand for. */
const needed: readonly string[] = [
  ...["/boot", "/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/var/tmp", "/etc/apt"],
  ...["passwd", "group", "shadow", "hosts", "hostname", "resolv.conf", "nsswitch.conf"].map(
    (name) => `/etc/${name}`,
  ),
  ...["/etc/ld.so.cache", "/etc/ld.so.preload"],
];

/** Shells and loaders act on these themselves. */
const ownVariable =
  /^(imagespec_.*|IMAGESPEC_.*|PATH|HOME|IFS|PWD|OLDPWD|TMPDIR|LD_.*|ENV|BASH_ENV|SHELLOPTS|BASHOPTS)$/;

export function refuse(refusals: Refusals, field: string, { code, message, hint }: Fault): void {
  refusals.refuse(message, { code, field, hint });
}

/** Why a secret cannot be lent under its id or at its target, in any step. */
export function targetFault(mount: SecretMount, plan: BuildPlan): Fault | undefined {
  if (mount.kind === "netrc") return undefined;
  return idFault(mount) ?? (mount.kind === "file" ? pathFault(mount, plan) : variableFault(mount));
}

function idFault({ id }: SecretMount): Fault | undefined {
  if (!fitsMount(id) || !isCarriable(id) || id.includes(",")) {
    return {
      code: "DOCKER_SECRET_NAME",
      message: `engines cannot be told of a secret ${JSON.stringify(id)}`,
      hint: "copy it to a path without quotes, commas, $, <, \\ and control characters",
    };
  }
  if (!ownIds.includes(id)) return undefined;
  return {
    code: "DOCKER_SECRET_NAME",
    message: `${id} is the id of a secret of imagespec's own`,
    hint: "give it another id",
  };
}

function badTarget({ target }: SecretMount): Fault {
  return {
    code: "DOCKER_SECRET_NAME",
    message: `a secret cannot be put at ${JSON.stringify(target)}`,
    hint: "give an absolute path of the image in its shortest form, or the name of a variable",
  };
}

function pathFault(mount: SecretMount, plan: BuildPlan): Fault | undefined {
  const { target } = mount;
  const isPath = /^\/[^\p{Cc}]*[^\p{Cc}/]$/u.test(target) && isCarriable(target);
  if (isPath && path.posix.normalize(target) === target) return hiddenFault(target, plan);
  return target === "/" ? hiddenFault(target, plan) : badTarget(mount);
}

function hiddenFault(target: string, plan: BuildPlan): Fault | undefined {
  const made = bringsEnvironment(plan) ? [ENVIRONMENT, PYTHON_FOLDER] : [];
  const around = [...closed, ...made].find((folder) => isWithin(target, folder));
  const hidden = [...closed, ...made, ...needed, plan.workDirectory].find((one) => isWithin(one, target));
  const lost = around ?? hidden;
  if (lost === undefined) return undefined;
  return {
    code: "DOCKER_SECRET_TARGET",
    message: `a secret at ${JSON.stringify(target)} would be in the way of ${JSON.stringify(lost)}, which the build needs`,
    hint: "give it a path of its own, such as /run/secrets/NAME",
  };
}

function variableFault(mount: SecretMount): Fault | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(mount.target)) return badTarget(mount);
  if (!ownVariable.test(mount.target)) return undefined;
  return {
    code: "DOCKER_SECRET_TARGET",
    message: `a secret in ${mount.target} would take a variable from the build that it needs itself`,
    hint: "choose another name",
  };
}

/** Where root's programs look for logins that were taken out of addresses. */
const netrcTargets: readonly string[] = ["/root/.netrc", "NETRC"];

function targetsOf({ kind, target }: SecretMount): readonly string[] {
  return kind === "netrc" ? netrcTargets : [target];
}

/** A target that both want, or that lies below one of the other's. */
function meetingOf(left: SecretRequest, right: SecretRequest): string | undefined {
  if (!left.steps.some((step) => right.steps.includes(step))) return undefined;
  const others = targetsOf(left.mount);
  return targetsOf(right.mount).find((one) =>
    others.some((other) => isWithin(one, other) || isWithin(other, one)),
  );
}

/** Refuses secrets of one step at one target. */
export function refuseMeetings(requests: readonly SecretRequest[], refusals: Refusals): void {
  for (const [index, request] of requests.entries()) {
    const meetings = requests.slice(0, index).map((earlier) => meetingOf(earlier, request));
    const target = meetings.find((meeting) => meeting !== undefined);
    if (target === undefined) continue;
    refuse(refusals, request.field, {
      code: "DOCKER_SECRET_CONFLICT",
      message: `two secrets are to be at ${JSON.stringify(target)} in one step`,
      hint: "give each a target of its own, or steps of its own",
    });
  }
}
