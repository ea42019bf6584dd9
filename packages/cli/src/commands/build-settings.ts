import path from "node:path";
import type { SecretSource, UnknownPolicy } from "@imagespec/core";
import type { BuildFlags } from "../options/flags.ts";
import type { Project } from "../project.ts";

/** How a build goes, from flags and flytekit's variables. */
export type BuildSettings = Readonly<{
  push: boolean;
  force: boolean;
  ifUnknown: UnknownPolicy;
  secrets: Readonly<Record<string, SecretSource>>;
}>;

/** Files of secrets are relative to the working directory, as all paths on the command line. */
function resolveSecret(source: SecretSource, cwd: string): SecretSource {
  return "file" in source ? { file: path.resolve(cwd, source.file) } : source;
}

export function buildSettings(flags: BuildFlags, { cwd, flyte }: Project): BuildSettings {
  const secrets = Object.entries(flags.secret ?? {});
  return {
    push: flags.push ?? flyte.push ?? true,
    force: flags.force ?? flyte.force ?? false,
    ifUnknown: flags.ifUnknown ?? "error",
    secrets: Object.fromEntries(secrets.map(([id, source]) => [id, resolveSecret(source, cwd)])),
  };
}
