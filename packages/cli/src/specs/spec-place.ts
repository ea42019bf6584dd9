import path from "node:path";
import { type ErrorIssue, ImageSpecError } from "@imagespec/core";
import { withDetails } from "./with-details.ts";

/** Where a spec stands, to tell people where its faults are. */
export type SpecPlace = Readonly<{
  /** As the user calls it. */
  file: string;
  /** The path of the spec in it, such as `images.api`; "" when the file is the spec. */
  path: string;
  /** The line, from 1, of a field of the file. */
  lineOf(field: string): number | undefined;
}>;

/** A fault with the line that it is on. */
export type PlacedIssue = ErrorIssue & Readonly<{ line?: number | undefined }>;

function fullField(path: string, field: string): string {
  return path === "" || field.startsWith("[") ? path + field : `${path}.${field}`;
}

/** A fault that names a line of another file, such as a requirements file, is there. */
function isElsewhere({ file, line }: ImageSpecError["details"]): boolean {
  return file !== undefined && line !== undefined;
}

/** An error about another file names it: the place is the spec's from now on. */
function messageOf({ message, details: { file } }: ImageSpecError): string {
  return file === undefined || message.includes(path.basename(file)) ? message : `${file}: ${message}`;
}

/** The same error, with the file, line and full path of the field that it is about. */
export function withPlace(error: ImageSpecError, place: SpecPlace): ImageSpecError {
  const { details } = error;
  if (isElsewhere(details)) return error;
  const field = details.field === undefined ? undefined : fullField(place.path, details.field);
  const issues = details.issues?.map((issue): PlacedIssue => {
    const own = issue.field && fullField(place.path, issue.field);
    return { ...issue, field: own, line: place.lineOf(own ?? place.path) };
  });
  const line = place.lineOf(field ?? place.path);
  return withDetails(error, { file: place.file, field, line, issues }, messageOf(error));
}

/** Runs `read`; its errors tell their place. */
export function placed<T>(place: SpecPlace, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw ImageSpecError.isInstance(error) ? withPlace(error, place) : error;
  }
}
