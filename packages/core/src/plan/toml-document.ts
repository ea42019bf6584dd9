import { createHash } from "node:crypto";
import path from "node:path";
import { parse, type TomlTable, type TomlValue } from "smol-toml";
import type { Issue } from "../builder/builder.ts";
import type { FileTexts } from "../context/file-texts.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { stripUrlCredentials, type UrlCredential } from "../spec/url-credentials.ts";
import { type Canonical, encodeCanonical } from "./encode-canonical.ts";

/** A TOML file: its content, and a digest of what it says. `table` is absent where it is not TOML. */
export type TomlDocument = Readonly<{
  file: string;
  table: TomlTable | undefined;
  /** sha256, hex: equal for files that differ in comments, blanks, line endings and the order of keys. */
  meaning: string;
  issue: Issue | undefined;
  /** Logins that stood in its URLs; `text` is the file without them. */
  credentials: readonly UrlCredential[];
  text: string;
}>;

function canonicalToml(value: TomlValue): Canonical {
  if (Array.isArray(value)) return value.map(canonicalToml);
  if (value instanceof Date) return { date: value.toISOString() };
  // Integers come as bigint: a number is a float, and 1.0 is not 1.
  if (typeof value === "number") return { float: String(value) };
  if (typeof value !== "object") return value;
  return {
    table: Object.fromEntries(Object.entries(value).map(([key, item]) => [key, canonicalToml(item)])),
  };
}

function meaningOf(value: Canonical): string {
  return createHash("sha256").update(encodeCanonical(value)).digest("hex");
}

function tryParse(text: string): TomlTable | ImageSpecError {
  try {
    return parse(text, { integersAsBigInt: true });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split("\n")[0]! : String(cause);
    return new ImageSpecError("SPEC_LOCK_UNREADABLE", message, { cause });
  }
}

type ParsedToml = Pick<TomlDocument, "table" | "meaning" | "credentials" | "text"> &
  Readonly<{ fault: ImageSpecError | undefined }>;

function parseToml(raw: string): ParsedToml {
  const { text, credentials } = stripUrlCredentials(raw.replace(/^\uFEFF/, ""));
  const table = tryParse(text);
  if (table instanceof Error) {
    const meaning = meaningOf({ text: text.replace(/\r\n?/g, "\n") });
    return { text, credentials, table: undefined, meaning, fault: table };
  }
  return { text, credentials, table, meaning: meaningOf(canonicalToml(table)), fault: undefined };
}

function notReadable(file: string, cause: unknown): ImageSpecError {
  const { code } = cause as NodeJS.ErrnoException;
  return new ImageSpecError("SPEC_FILE_NOT_FOUND", `cannot read it (${code})`, {
    field: "requirements",
    file,
    hint:
      path.basename(file) === "pyproject.toml"
        ? "a lock file is installed by the pyproject.toml beside it"
        : "paths are relative to the working directory",
    cause,
  });
}

function notToml(file: string, { code, message }: ImageSpecError): Issue {
  return {
    code,
    severity: "error",
    field: "requirements",
    message: `${path.basename(file)} is not TOML: ${message}`,
    hint: "write it anew with the tool that made it",
  };
}

/**
 * Reads a lock or project file. One that is not TOML is no error here: it has a meaning, its text, and an issue that
 * keeps it from being built.
 *
 * @throws ImageSpecError `SPEC_FILE_NOT_FOUND`
 */
export async function readTomlDocument(file: string, texts: FileTexts): Promise<TomlDocument> {
  const { fault, ...parsed } = await texts.parse(file, parseToml).catch((cause) => {
    throw notReadable(file, cause);
  });
  return { ...parsed, file, issue: fault && notToml(file, fault) };
}
