import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ImageSpecError } from "@imagespec/core";
import { cacheDirectory } from "../cache-directory.ts";
import { importUrl } from "../import-url.ts";
import { orStandstill } from "../standstill.ts";
import { sourceNotFound } from "./source-errors.ts";

type Namespace = Readonly<Record<string, unknown>>;

/** Node 20 runs no TypeScript; later ones run what can be stripped, and neither looks for a missing extension. */
function needsJiti(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ERR_MODULE_NOT_FOUND") return /^Cannot find module/.test(message);
  return code === "ERR_UNKNOWN_FILE_EXTENSION" || code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX";
}

async function importWithJiti(url: string): Promise<Namespace> {
  const { createJiti } = await import("jiti");
  // Its default may be a folder that every user of the machine can write to.
  const fsCache = path.join(cacheDirectory(), "jiti");
  return createJiti(url, { fsCache, interopDefault: false, moduleCache: false }).import<Namespace>(url);
}

/** What Node says about its own loader is no news to the author of a spec. */
const loaderWarnings = new Set(["ExperimentalWarning", "MODULE_TYPELESS_PACKAGE_JSON"]);

async function withoutLoaderWarnings<T>(load: () => Promise<T>): Promise<T> {
  const { emitWarning } = process;
  process.emitWarning = (...args: unknown[]): void => {
    const isLoaders = args.some((value) => typeof value === "string" && loaderWarnings.has(value));
    if (!isLoaders) Reflect.apply(emitWarning, process, args);
  };
  try {
    return await load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function lineIn(file: string, stack: string | undefined): number | undefined {
  const after = stack?.split(`${file}:`)[1] ?? stack?.split(`${pathToFileURL(file).href}:`)[1];
  const line = Number(/^\d+/.exec(after ?? "")?.[0]);
  return Number.isInteger(line) ? line : undefined;
}

function moduleFault(cause: unknown, place: string, file: string): ImageSpecError {
  if (ImageSpecError.isInstance(cause)) {
    const line = lineIn(place, (cause as Error).stack);
    return new ImageSpecError(cause.code, cause.message, { file, line, ...cause.details, cause });
  }
  const isError = cause instanceof Error;
  return new ImageSpecError("SOURCE_MODULE_FAILED", isError ? cause.message : String(cause), {
    file,
    line: isError ? lineIn(place, cause.stack) : undefined,
    hint: "see where it comes from: run again with --debug",
    cause,
  });
}

/**
 * Runs a module of the user's and returns its exports.
 *
 * @param place the absolute path
 * @param file what the user calls it
 * @throws ImageSpecError `SOURCE_NOT_FOUND`; `SOURCE_MODULE_FAILED` for whatever the module throws
 */
export async function importModule(place: string, file: string): Promise<Namespace> {
  if (!existsSync(place)) throw sourceNotFound(file);
  const { href } = pathToFileURL(place);
  try {
    return await withoutLoaderWarnings(async () => {
      const waits = (): Error => new Error("it waits for something that never comes");
      const loaded: Promise<Namespace> = orStandstill(importUrl(href), waits);
      return loaded.catch((error: unknown) => {
        if (needsJiti(error)) return importWithJiti(href);
        throw error;
      });
    });
  } catch (cause) {
    throw moduleFault(cause, place, file);
  }
}
