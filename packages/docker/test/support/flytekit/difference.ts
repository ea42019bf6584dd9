import { type CaseName, caseNames } from "./specs.ts";

export const FLYTEKIT_VERSION = "1.16.31";

export type Lines = Partial<Record<CaseName, readonly string[]>>;

/** A difference of our images and flytekit's that stays, and why. */
export type Difference = Readonly<{
  what: string;
  flytekit: string;
  here: string;
  why: string;
  /** How it shows in the images that both builders make of a spec, as `WHAT: FLYTEKIT'S | OURS`. */
  seen: Lines;
}>;

export function inEach(names: readonly CaseName[], ...lines: readonly string[]): Lines {
  return Object.fromEntries(names.map((name) => [name, lines]));
}

/** Of all images but these. */
export function butIn(names: readonly CaseName[], ...lines: readonly string[]): Lines {
  return inEach(
    caseNames.filter((name) => !names.includes(name)),
    ...lines,
  );
}

export function together(...parts: readonly Lines[]): Lines {
  return Object.fromEntries(caseNames.map((name) => [name, parts.flatMap((lines) => lines[name] ?? [])]));
}
