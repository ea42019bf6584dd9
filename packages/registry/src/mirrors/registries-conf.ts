import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ImageSpecError,
  type Issue,
  normalizeHost,
  parseRegistryPrefix,
  type RegistryPrefix,
} from "@imagespec/core";
import type { Environment } from "../transport/proxy-settings.ts";

/** What containers' `registries.conf` says of one prefix: its mirrors, in order, and whether http is allowed. */
export type ConfiguredRegistry = Readonly<{
  /** `host`, `host/path` or `*.domain`. */
  prefix: string;
  insecure: boolean;
  mirrors: readonly Readonly<{
    location: RegistryPrefix;
    insecure: boolean;
    for: "all" | "digest" | "tag";
  }>[];
}>;

export type ConfSettings = Readonly<{ environment: Environment; home: string; warn(issue: Issue): void }>;

/**
 * The mirror and insecure entries of containers' configuration: the user's file or the system's, then the drop-ins of
 * the system and the user, where a later prefix replaces an earlier one.
 *
 * @see https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md
 */
export async function readRegistriesConf(settings: ConfSettings): Promise<readonly ConfiguredRegistry[]> {
  const merged = new Map<string, ConfiguredRegistry>();
  for (const path of configurationFiles(settings))
    for (const entry of await readConfiguration(path, settings)) merged.set(entry.prefix, entry);
  return [...merged.values()];
}

function configurationFiles({ environment, home }: ConfSettings): readonly string[] {
  const named = environment.CONTAINERS_REGISTRIES_CONF || environment.REGISTRIES_CONFIG_PATH;
  if (named) return [named];
  const user = join(environment.XDG_CONFIG_HOME || join(home, ".config"), "containers");
  const system = "/etc/containers";
  const main = textOf(join(user, "registries.conf")) === undefined ? system : user;
  const dropIns = [system, user].flatMap((folder) => dropInsOf(join(folder, "registries.conf.d")));
  return [join(main, "registries.conf"), ...dropIns];
}

function dropInsOf(folder: string): readonly string[] {
  const names = ifReadable(() => readdirSync(folder)) ?? [];
  return names
    .filter((name) => name.endsWith(".conf"))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * A table `registry` or `registries`, as a header or a value. Most of these files hold only aliases and search lists,
 * and need no TOML parser.
 */
const hasEntries =
  /^[ \t]*(?:\[\[?[ \t]*["']?registr(?:y|ies)["']?[ \t]*[\].]|["']?registr(?:y|ies)["']?[ \t]*(?:\.|=[ \t]*[[{]))/m;

async function readConfiguration(
  path: string,
  settings: ConfSettings,
): Promise<readonly ConfiguredRegistry[]> {
  const text = textOf(path);
  if (text === undefined || !hasEntries.test(text)) return [];
  const { parse, TomlError } = await import("smol-toml");
  const refuse = (where: string, why: string): void =>
    settings.warn({
      code: "REGISTRIES_CONF_INVALID",
      severity: "warning",
      message: `${where}: ${why}`,
      hint: "correct it; see containers-registries.conf(5)",
    });
  try {
    return entriesOf(parse(text), (why) => refuse(path, why));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    refuse(`${path}:${error.line}`, "not TOML, so its mirrors are not asked");
    return [];
  }
}

type Table = Readonly<Record<string, unknown>>;

type Refuse = (why: string) => void;

function entriesOf(document: Table, refuse: Refuse): readonly ConfiguredRegistry[] {
  const oldStyle = tableOf(tableOf(document.registries).insecure).registries;
  const insecure = Array.isArray(oldStyle) ? oldStyle.filter((host) => typeof host === "string") : [];
  return [
    ...insecure.map((host) => ({ prefix: normalizePrefix(host), insecure: true, mirrors: [] })),
    ...tablesOf(document.registry).flatMap((table) => entryOf(table, refuse)),
  ];
}

function entryOf(table: Table, refuse: Refuse): readonly ConfiguredRegistry[] {
  const prefix = textField(table.prefix) ?? textField(table.location);
  if (prefix === undefined) return [];
  const digestOnly = table["mirror-by-digest-only"] === true;
  const mirrors = tablesOf(table.mirror).flatMap((mirror) => {
    const location = locationOf(textField(mirror.location), refuse);
    const use = digestOnly ? "digest" : useOf(mirror["pull-from-mirror"]);
    return location === undefined ? [] : [{ location, insecure: mirror.insecure === true, for: use }];
  });
  return [{ prefix: normalizePrefix(prefix), insecure: table.insecure === true, mirrors }];
}

/** A location is a host even where it has no dot, as a scheme says it is. */
function locationOf(text: string | undefined, refuse: Refuse): RegistryPrefix | undefined {
  try {
    return text === undefined ? undefined : parseRegistryPrefix(`https://${text}`);
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    refuse(error.message);
    return undefined;
  }
}

function useOf(value: unknown): "all" | "digest" | "tag" {
  return value === "digest-only" ? "digest" : value === "tag-only" ? "tag" : "all";
}

function normalizePrefix(prefix: string): string {
  const [host = "", ...path] = prefix.replace(/\/+$/, "").split("/");
  return [normalizeHost(host), ...path].join("/");
}

function tableOf(value: unknown): Table {
  return typeof value === "object" && value !== null ? (value as Table) : {};
}

function tablesOf(value: unknown): readonly Table[] {
  return Array.isArray(value) ? value.map(tableOf) : [];
}

function textField(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function textOf(path: string): string | undefined {
  return ifReadable(() => readFileSync(path, "utf8"));
}

/**
 * Most machines have none of these files, and some of them may not be ours to read. They are read at once and in turn:
 * a thread for each would cost the start of a command more than the files do.
 */
function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
