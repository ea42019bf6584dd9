import { defineImage } from "./define-image.ts";
import type { CopyEntry, ImageSpec } from "./image-spec.ts";

type ListField = "packages" | "aptPackages" | "commands" | "runtimePackages";

function append(spec: ImageSpec, field: ListField, values: readonly string[]): ImageSpec {
  return defineImage({ ...spec, [field]: [...(spec[field] ?? []), ...values] });
}

/** A new spec with these PEP 508 packages added. */
export function withPackages(spec: ImageSpec, ...packages: readonly string[]): ImageSpec {
  return append(spec, "packages", packages);
}

/** A new spec with these Debian packages added. */
export function withAptPackages(spec: ImageSpec, ...packages: readonly string[]): ImageSpec {
  return append(spec, "aptPackages", packages);
}

/** A new spec with these commands run after the ones it has. */
export function withCommands(spec: ImageSpec, ...commands: readonly string[]): ImageSpec {
  return append(spec, "commands", commands);
}

/** A new spec with these runtime packages added; the image stays the same. */
export function withRuntimePackages(spec: ImageSpec, ...packages: readonly string[]): ImageSpec {
  return append(spec, "runtimePackages", packages);
}

/** A new spec that copies these paths too; where two write the same path, the later one is kept. */
export function withCopy(spec: ImageSpec, ...entries: readonly CopyEntry[]): ImageSpec {
  return defineImage({ ...spec, copy: [...(spec.copy ?? []), ...entries] });
}

/** A new spec with these variables added; one that is there is replaced. */
export function withEnv(spec: ImageSpec, env: Readonly<Record<string, string>>): ImageSpec {
  return defineImage({ ...spec, env: { ...spec.env, ...env } });
}

/** A new spec with these options added to those of the builder named; one that is there is replaced. */
export function withBuilderOptions(
  spec: ImageSpec,
  builder: string,
  options: Readonly<Record<string, unknown>>,
): ImageSpec {
  const merged = { ...spec.builderOptions?.[builder], ...options };
  return defineImage({ ...spec, builderOptions: { ...spec.builderOptions, [builder]: merged } });
}
