import type { SecretMount } from "@imagespec/core";
import { CA_SECRET_ID } from "../../options.ts";
import type { Emission } from "../emission.ts";
import { fitsMount } from "../quote.ts";
import { TOOLS } from "../recipe.ts";
import { places, type Script, scriptSource, scriptTarget } from "../scripts/script.ts";
import type { Mount, Stage } from "../stage.ts";

export type StepOptions = Readonly<{
  script: Script;
  arguments?: readonly string[] | undefined;
  mounts?: readonly Mount[] | undefined;
  secrets?: readonly SecretMount[] | undefined;
  /** The step talks to the network, so it trusts what the options say. */
  isOnline?: boolean | undefined;
}>;

export function cacheMount(name: string, folder: string = name): Mount {
  return { type: "cache", id: `imagespec-${name}`, target: `${places.cache}/${folder}` };
}

/** A part of the context. Writable mounts are thrown away with the step. */
export function contextMount(source: string, isWritable: boolean): Mount {
  const mount = { type: "bind", source, target: `${places.context}/${source}` };
  return isWritable ? { ...mount, rw: true } : mount;
}

/** uv's folder for PATH, and its cache. */
export const uvMounts: readonly Mount[] = [
  { type: "bind", from: "uv", source: `${TOOLS}/bin`, target: places.bin },
  cacheMount("uv"),
];

/** The certificates that the options name, for a step that uses the network. */
export function certificateMounts(emission: Emission): Mount[] {
  if (emission.options.caCertificates === undefined) return [];
  emission.secrets.set(CA_SECRET_ID, { id: CA_SECRET_ID, target: places.certificates });
  return [secretMount(CA_SECRET_ID, places.certificates)];
}

function secretMount(id: string, target: string): Mount {
  return { type: "secret", id, target, required: "true" };
}

function isUsable({ id, target, kind }: SecretMount, emission: Emission): boolean {
  const field = "pipSecretMounts";
  const code = "DOCKER_SECRET_NAME";
  if (!fitsMount(id)) {
    const hint = "copy it to a path without quotes, $, \\ and control characters";
    emission.refuse(`engines cannot be told of a secret ${JSON.stringify(id)}`, { code, field, hint });
    return false;
  }
  if (kind === "netrc") return true;
  const isGood = kind === "file" ? /^\/[^\p{Cc}]+$/u.test(target) : /^[A-Za-z_][A-Za-z0-9_]*$/.test(target);
  if (!isGood) {
    const hint = "give an absolute path of the image, or the name of a variable";
    emission.refuse(`a secret cannot be put at ${JSON.stringify(target)}`, { code, field, hint });
  }
  return isGood;
}

function secretArgument({ kind, target }: SecretMount): string {
  return kind === "netrc" ? "netrc:" : `${kind}:${target}`;
}

function shownTarget({ kind, target }: SecretMount): string {
  return kind === "netrc" ? "netrc" : kind === "variable" ? `variable ${target}` : target;
}

/** A RUN of a script of ours, with its secrets put where its tools look and taken away again. */
export function runStep(emission: Emission, stage: Stage, options: StepOptions): void {
  const { script, mounts = [] } = options;
  const secrets = (options.secrets ?? []).filter((secret) => isUsable(secret, emission));
  for (const secret of secrets) {
    emission.secrets.set(secret.id, { id: secret.id, target: shownTarget(secret) });
  }
  emission.files.set(scriptSource(script), { path: scriptSource(script), content: script.text, mode: 0o755 });
  const secretWords = script.takesSecrets ? [...secrets.map(secretArgument), "--"] : [];
  stage.run(
    ["/bin/sh", "-e", scriptTarget(script), ...secretWords, ...(options.arguments ?? [])],
    [
      { type: "bind", source: scriptSource(script), target: scriptTarget(script) },
      ...mounts,
      ...(options.isOnline ? certificateMounts(emission) : []),
      ...secrets.map(({ id }, index) => secretMount(id, `${places.secrets}/${index + 1}`)),
    ],
  );
}
