import type { SecretMount } from "@imagespec/core";
import { CA_SECRET_ID } from "../../options.ts";
import type { SecretStep } from "../../secret-mount-option.ts";
import type { Emission } from "../emission.ts";
import { TOOLS } from "../recipe.ts";
import { places, type Script, scriptSource, scriptTarget } from "../scripts/script.ts";
import { lendSecrets } from "../scripts/secrets.ts";
import type { Mount, Stage } from "../stage.ts";

export type StepOptions = Readonly<{
  script: Script;
  arguments?: readonly string[] | undefined;
  mounts?: readonly Mount[] | undefined;
  /** What kind of step it is: one that talks to the network, so it trusts what the options say and is lent secrets. */
  step?: SecretStep | undefined;
  /** The step is about certificates, and talks to nobody. */
  readsCertificates?: boolean | undefined;
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
  expectSecret(emission, CA_SECRET_ID, places.certificates);
  return [secretMount(CA_SECRET_ID, places.certificates)];
}

function secretMount(id: string, target: string): Mount {
  return { type: "secret", id, target, required: "true" };
}

function expectSecret({ secrets }: Emission, id: string, target: string): void {
  const known = secrets.get(id)?.target.split(", ") ?? [];
  secrets.set(id, { id, target: [...new Set([...known, target])].join(", ") });
}

function secretArgument({ kind, target }: SecretMount): string {
  return kind === "netrc" ? "netrc:" : `${kind}:${target}`;
}

function shownTarget({ kind, target }: SecretMount): string {
  return kind === "netrc" ? "netrc" : kind === "variable" ? `variable ${target}` : target;
}

/** Puts a script of ours into the context, for a step to mount. */
function scriptMount(emission: Emission, script: Script): Mount {
  emission.files.set(scriptSource(script), { path: scriptSource(script), content: script.text, mode: 0o755 });
  return { type: "bind", source: scriptSource(script), target: scriptTarget(script) };
}

type LentCommand = Readonly<{ step: SecretStep; words: readonly string[]; mounts: readonly Mount[] }>;

/** A RUN of words, with the secrets of such a step put where programs look for them and taken away again. */
export function runLent(emission: Emission, stage: Stage, { step, words, mounts }: LentCommand): void {
  const secrets = emission.lent[step];
  if (secrets.length === 0) {
    stage.run(words, mounts);
    return;
  }
  for (const secret of secrets) expectSecret(emission, secret.id, shownTarget(secret));
  stage.run(
    ["/bin/sh", "-e", scriptTarget(lendSecrets), ...secrets.map(secretArgument), "--", ...words],
    [
      scriptMount(emission, lendSecrets),
      ...mounts,
      ...secrets.map(({ id }, index) => secretMount(id, `${places.secrets}/${index + 1}`)),
    ],
  );
}

/** A RUN of a script of ours. */
export function runStep(emission: Emission, stage: Stage, options: StepOptions): void {
  const { script, step, readsCertificates = step !== undefined } = options;
  const words = ["/bin/sh", "-e", scriptTarget(script), ...(options.arguments ?? [])];
  const mounts = [
    scriptMount(emission, script),
    ...(options.mounts ?? []),
    ...(readsCertificates ? certificateMounts(emission) : []),
  ];
  if (step === undefined) stage.run(words, mounts);
  else runLent(emission, stage, { step, words, mounts });
}
