import type { ImageConfig } from "@imagespec/core";
import { asFields } from "../manifest/parse-manifest.ts";

/** An image's config in core's form. Fields of other types than the OCI image spec gives them are left out. */
export function imageConfigOf(fields: Readonly<Record<string, unknown>>): ImageConfig {
  const config = asFields(fields.config) ?? {};
  return {
    user: textOf(config.User),
    env: environmentOf(config.Env),
    workingDir: textOf(config.WorkingDir),
    entrypoint: listOf(config.Entrypoint),
    cmd: listOf(config.Cmd),
    labels: recordOf(config.Labels),
    architecture: textOf(fields.architecture),
    os: textOf(fields.os),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
}

/** `Object.fromEntries` makes own properties even of `__proto__`. */
function environmentOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (listOf(value) ?? []).map((entry) => {
      const equals = entry.indexOf("=");
      return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}

function recordOf(value: unknown): Readonly<Record<string, string>> {
  const pairs = Object.entries(asFields(value) ?? {});
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === "string"));
}
