import { stripVTControlCharacters } from "node:util";

/** Control characters but newline and tab, and those that turn the direction of text. */
const unsafe = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Text of others as a terminal may show it: without escape sequences and control characters. */
export function sanitize(text: string): string {
  return stripVTControlCharacters(text).replace(/\r\n/g, "\n").replace(unsafe, "");
}

/** The same on one line. */
export function sanitizeLine(text: string): string {
  return sanitize(text).replace(/\s*\n\s*/g, " ");
}
