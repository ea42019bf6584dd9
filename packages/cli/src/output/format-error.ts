import { type ErrorIssue, type FailedStep, ImageSpecError } from "@imagespec/core";
import type { PlacedIssue } from "../specs/spec-place.ts";
import { sanitize, sanitizeLine } from "./sanitize.ts";
import type { Paint } from "./style.ts";

export type ErrorFormat = Readonly<{ paint: Paint; debug: boolean }>;

type Details = ImageSpecError["details"];

function placeOf({ file, line, image }: Details): string | undefined {
  if (file !== undefined) return line === undefined ? file : `${file}:${line}`;
  return image;
}

function headline({ code, message, field }: ErrorIssue, details: Details, paint: Paint): string {
  const about = [placeOf(details), field].filter((part) => part !== undefined).join(" ");
  const place = about === "" ? "" : `${sanitizeLine(about)}: `;
  return `${paint(["red", "bold"], `error[${code}]`)} ${place}${sanitize(message)}`;
}

function hintLines(hint: string | undefined, paint: Paint): string[] {
  if (!hint) return [];
  const [first = "", ...rest] = sanitize(hint).split("\n");
  return [`  ${paint("cyan", "hint:")} ${first}`, ...rest.map((line) => `        ${line}`)];
}

function stepLines({ name, command, exitCode, log }: FailedStep, paint: Paint): string[] {
  const code = exitCode === undefined ? "" : ` (exit code ${exitCode})`;
  return [
    `  step: ${sanitizeLine(command ?? name)}${code}`,
    ...(log ?? []).map((line) => `  ${paint("dim", "|")} ${sanitizeLine(line)}`),
  ];
}

function stackLines(error: unknown): string[] {
  const lines: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    lines.push(sanitize(current.stack ?? String(current)));
  }
  return lines;
}

/** The other faults of the same pass, which are about the same file. */
function otherIssues({ details, message }: ImageSpecError): readonly PlacedIssue[] {
  return (details.issues ?? []).filter((issue) => issue.message !== message || issue.field !== details.field);
}

function ownLines(error: ImageSpecError, paint: Paint): string[] {
  const { code, message, details } = error;
  return [
    headline({ code, message, field: details.field }, details, paint),
    ...(details.step ? stepLines(details.step, paint) : []),
    ...hintLines(details.hint, paint),
    ...otherIssues(error).flatMap((issue) => [
      headline(issue, { ...details, line: issue.line }, paint),
      ...hintLines(issue.hint, paint),
    ]),
  ];
}

/** What is not one of ours is a fault of the command. */
export function asImageSpecError(error: unknown): ImageSpecError {
  if (ImageSpecError.isInstance(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const hint = "this is a fault of imagespec: run again with --debug, and report what it prints";
  return new ImageSpecError("INTERNAL", message, { hint, cause: error });
}

/**
 * What a person is told about an error: code, file, line and field, the failed step with the end of its log, and what
 * to do. A stack only for debugging.
 */
export function formatError(error: unknown, { paint, debug }: ErrorFormat): string {
  const lines = ownLines(asImageSpecError(error), paint);
  return `${[...lines, ...(debug ? stackLines(error) : [])].join("\n")}\n`;
}
