import { readFileSync } from "node:fs";
import { ImageSpecError } from "@imagespec/core";
import { orStandstill } from "../standstill.ts";

type Namespace = Readonly<Record<string, unknown>>;

/** A module that was compiled to CommonJS holds its default export one level deeper. */
function unwrap(value: unknown): unknown {
  const inner = value as { __esModule?: unknown; default?: unknown } | null;
  return typeof value === "object" && inner?.__esModule === true ? inner.default : value;
}

/**
 * The default export of a module, awaited.
 *
 * @throws ImageSpecError `SOURCE_NO_DEFAULT_EXPORT`, `SOURCE_MODULE_FAILED`
 */
export async function defaultExport(module: Namespace, file: string): Promise<unknown> {
  const value = unwrap(module.default);
  if (value === undefined || value === null || typeof value === "function") {
    const found = typeof value === "function" ? "is a function" : "is missing";
    throw new ImageSpecError("SOURCE_NO_DEFAULT_EXPORT", `the default export ${found}`, {
      file,
      hint: "export default defineImage({ … })",
    });
  }
  try {
    return await orStandstill(
      Promise.resolve(value),
      () => new Error("its default export is a promise that is never kept"),
    );
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const hint = "see where it comes from: run again with --debug";
    throw new ImageSpecError("SOURCE_MODULE_FAILED", message, { file, hint, cause });
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** The line of code on which a field's name is written as a key, where there is only one such line. */
export function lineOfField(place: string, field: string): number | undefined {
  const name = /([^.[\]]+)(?:\[\d+\])*$/.exec(field)?.[1];
  if (name === undefined) return undefined;
  const key = new RegExp(`(^|[\\s{,"'])${escapeRegExp(name)}["']?\\s*:`);
  const lines = readFileSync(place, "utf8").split("\n");
  const found = lines.flatMap((line, index) => (key.test(line) ? [index + 1] : []));
  return found.length === 1 ? found[0] : undefined;
}
