import { readFile } from "node:fs/promises";
import { ImageSpecError } from "@imagespec/core";
import type { Environment } from "./find-config.ts";

type Table = Readonly<Record<string, unknown>>;

/** Values of a configuration file by their dotted keys, each overridden by the variable of its name. */
export type ConfigValues = Readonly<{
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  list(key: string): readonly string[] | undefined;
}>;

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws ImageSpecError `UNION_CONFIG_INVALID` */
export async function readConfigFile(file: string): Promise<Table> {
  const { parse } = await import("yaml");
  const fault = (reason: string): ImageSpecError =>
    new ImageSpecError("UNION_CONFIG_INVALID", `the configuration of Union ${reason}`, {
      file,
      hint: "it is YAML with admin.endpoint, task.project and task.domain",
    });
  const text = await readFile(file, "utf8").catch(() => {
    throw fault("cannot be read");
  });
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    // The parser's own message quotes the line, which may hold a secret.
    throw fault("is not YAML");
  }
  if (value !== null && !isTable(value)) throw fault("is not a mapping");
  return value ?? {};
}

function lookUp(table: Table, key: string): unknown {
  return key.split(".").reduce<unknown>((value, part) => (isTable(value) ? value[part] : undefined), table);
}

function variableOf(key: string): string {
  return `FLYTE_${key.replaceAll(".", "_").toUpperCase()}`;
}

function asList(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" && value !== "" ? value.split(/[\s,]+/) : undefined;
}

export function configValues(table: Table, env: Environment): ConfigValues {
  const look = (key: string): unknown => env[variableOf(key)] || lookUp(table, key);
  return {
    text(key) {
      const value = look(key);
      return value === undefined || value === null || value === "" ? undefined : String(value);
    },
    flag(key) {
      const value = look(key);
      return value === undefined || value === null ? undefined : /^(?:true|1|yes)$/i.test(String(value));
    },
    list: (key) => asList(look(key)),
  };
}
