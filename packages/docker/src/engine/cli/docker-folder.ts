import { symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Credential, JsonObject } from "@imagespec/core";
import { dockerConfigFolder, type Environment, readDockerConfig } from "../docker-config.ts";
import { type ToolFiles, writeLogins } from "./tool-files.ts";

/** What docker's command keeps beside its settings, and needs to find engines, builders and its own plugins. */
const kept = ["contexts", "cli-plugins", "buildx", "tls"];

/**
 * A folder of settings for docker's command with these logins and no others: no helper is asked, and no login is seen
 * in its arguments. Contexts, plugins and builders are those of the user.
 *
 * @returns the variables that make the command use it
 */
export async function writeDockerFolder(
  files: ToolFiles,
  environment: Environment,
  logins: ReadonlyMap<string, Credential>,
): Promise<Environment> {
  const own = dockerConfigFolder(environment);
  const config: JsonObject = (await readDockerConfig(environment)) ?? {};
  const { currentContext, cliPluginsExtraDirs } = config;
  await writeLogins(files.path("config.json"), logins, { currentContext, cliPluginsExtraDirs });
  await Promise.all(kept.map((name) => link(join(own, name), files.path(name))));
  const BUILDX_CONFIG = environment.BUILDX_CONFIG || join(own, "buildx");
  return { ...environment, DOCKER_CONFIG: files.folder, BUILDX_CONFIG };
}

/** A link to what is not there does no harm; one that is there is the same. */
async function link(target: string, path: string): Promise<void> {
  try {
    await symlink(target, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
