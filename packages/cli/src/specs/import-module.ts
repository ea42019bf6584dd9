import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { cacheDirectory, ImageSpecError } from "@imagespec/core";
import { importUrl } from "../import-url.ts";
import { orStandstill } from "../standstill.ts";
import { guardEndless } from "./endless-guard.ts";
import { sourceNotFound } from "./source-errors.ts";
import { lineOfSyntaxError, withoutPlace } from "./syntax-error.ts";

type Namespace = Readonly<Record<string, unknown>>;

/** Node 20 runs no TypeScript; later ones run what can be stripped, and neither looks for a missing extension. */
function needsJiti(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
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

async function importAsItIs(url: string): Promise<Namespace> {
  const waits = (): Error => new Error("it waits for something that never comes");
  try {
    const module = await orStandstill(importUrl(url), waits);
    // A promise that is exported and fails is told by whoever awaits it, a moment later.
    Promise.resolve(module.default).catch(() => {});
    return module;
  } catch (error) {
    if (needsJiti(error)) return orStandstill(importWithJiti(url), waits);
    throw error;
  }
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

async function moduleFault(cause: unknown, place: string, file: string): Promise<ImageSpecError> {
  if (ImageSpecError.isInstance(cause)) {
    const line = lineIn(place, (cause as Error).stack);
    return new ImageSpecError(cause.code, cause.message, { file, line, ...cause.details, cause });
  }
  const isError = cause instanceof Error;
  const line = isError ? (lineIn(place, cause.stack) ?? (await lineOfSyntaxError(cause, place))) : undefined;
  const message = isError ? withoutPlace(cause.message) : `it threw ${String(cause)}`;
  return new ImageSpecError("SOURCE_MODULE_FAILED", message, {
    file,
    line,
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
    return await guardEndless(file, () => withoutLoaderWarnings(() => importAsItIs(href)));
  } catch (cause) {
    throw await moduleFault(cause, place, file);
  }
}
