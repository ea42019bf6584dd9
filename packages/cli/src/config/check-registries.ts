import path from "node:path";
import { ImageSpecError, isHost, normalizeHost } from "@imagespec/core";
import type { HostOptions } from "@imagespec/registry";
import { type ConfigPlace, checkFields, type FieldRules, placeOfField } from "./check-fields.ts";

type Registries = Readonly<Record<string, HostOptions>>;

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isSwitch = (value: unknown): boolean => typeof value === "boolean";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

const certificate = ["PEM text or the path of a file that holds it", isText] as const;

const rules: Readonly<Record<keyof HostOptions, FieldRules[string]>> = {
  insecure: ["true or false", isSwitch],
  ca: certificate,
  cert: certificate,
  key: certificate,
  mirrors: ["a list of registries", isTexts],
  tokenRealms: ["a list of hosts or URLs", isTexts],
  pullThrough: ["true or false", isSwitch],
};

/**
 * Passes when `registries` of a config holds options by host.
 *
 * @throws ImageSpecError `CONFIG_UNKNOWN_FIELD`, `CONFIG_INVALID`
 */
export function checkRegistries(registries: Registries, place: ConfigPlace): void {
  for (const [host, options] of Object.entries(registries)) {
    const field = `registries.${host}`;
    checkFields(options, rules, { ...place, path: field });
    if (isHost(normalizeHost(host))) continue;
    const hint = "write a host, with its port where it has one: registry.example.com:5000";
    const message = `${JSON.stringify(host)} is not a registry's host`;
    throw new ImageSpecError("CONFIG_INVALID", message, { ...placeOfField(field, place), hint });
  }
}

function absolute(value: string | undefined, folder: string): string | undefined {
  return value === undefined || value.includes("-----BEGIN") ? value : path.resolve(folder, value);
}

/** The same, with paths of certificates that do not depend on where the command runs: they start from `folder`. */
export function withCertificatesFrom(registries: Registries, folder: string): Registries {
  const entries = Object.entries(registries).map(([host, { ca, cert, key, ...options }]) => {
    const files = { ca: absolute(ca, folder), cert: absolute(cert, folder), key: absolute(key, folder) };
    return [host, { ...options, ...files }] as const;
  });
  return Object.fromEntries(entries);
}
