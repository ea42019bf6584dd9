import type { SecretSource } from "@imagespec/core";
import { InvalidArgumentError } from "commander";

/** A whole number from 1 on. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("expected a number from 1 to 9999.");
  return Number(text);
}

function parsePairs(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(",").map((part): [string, string] => {
    const equals = part.indexOf("=");
    return equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
  });
  return new Map(pairs);
}

const secretHint = "expected id=NAME,src=FILE or id=NAME,env=VARIABLE.";
const secretKeys = new Set(["id", "src", "source", "env", "type"]);

function secretSource(pairs: ReadonlyMap<string, string>): SecretSource {
  const file = pairs.get("src") ?? pairs.get("source");
  const variable = pairs.get("env");
  if (file && variable === undefined) return { file };
  if (variable && file === undefined) return { variable };
  throw new InvalidArgumentError(secretHint);
}

/** One `--secret` beside those before it, in the form that docker's own command takes. */
export function parseSecret(
  text: string,
  previous: Readonly<Record<string, SecretSource>> = {},
): Readonly<Record<string, SecretSource>> {
  const pairs = parsePairs(text);
  const id = pairs.get("id");
  if (!id || [...pairs.keys()].some((key) => !secretKeys.has(key)))
    throw new InvalidArgumentError(secretHint);
  return { ...previous, [id]: secretSource(pairs) };
}

/** A switch given as a variable's text; undefined when it is neither. */
export function parseSwitch(text: string): boolean | undefined {
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  return /^(false|0|no|off)$/i.test(text) ? false : undefined;
}
