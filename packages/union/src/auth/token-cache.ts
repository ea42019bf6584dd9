import { createHash } from "node:crypto";
import { lstat, readFile } from "node:fs/promises";
import path from "node:path";
import { cacheFile } from "@imagespec/core";
import type { Header } from "../client/authorize.ts";
import type { Environment } from "../config/find-config.ts";
import type { Token } from "./token-endpoint.ts";

/** A token and the header that carries it. */
export type CachedToken = Readonly<{ header: string; token: Token }>;

function directory(env: Environment): string | undefined {
  const { XDG_CACHE_HOME: given, HOME: home } = env;
  if (given && path.isAbsolute(given)) return path.join(given, "imagespec", "union");
  return home ? path.join(home, ".cache", "imagespec", "union") : undefined;
}

function isCached(value: unknown): value is CachedToken {
  const { header, token } = (value ?? {}) as Partial<CachedToken>;
  return typeof header === "string" && /^[\w-]+$/.test(header) && typeof token?.accessToken === "string";
}

/** Tokens of people, each in a file that nobody else may read. What cannot be kept or read is asked for again. */
export class TokenCache {
  readonly #file: string | undefined;

  /** `identity`: whatever makes the token another one. */
  constructor(env: Environment, identity: readonly string[]) {
    const folder = directory(env);
    const name = createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 32);
    this.#file = folder && path.join(folder, `${name}.json`);
  }

  async read(): Promise<CachedToken | undefined> {
    if (this.#file === undefined) return undefined;
    try {
      const { mode, uid } = await lstat(this.#file);
      const isOurs = (mode & 0o177) === 0 && mode >> 12 === 0o10 && uid === process.getuid?.();
      const value: unknown = isOurs ? JSON.parse(await readFile(this.#file, "utf8")) : undefined;
      return isCached(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  async write(value: CachedToken): Promise<void> {
    if (this.#file !== undefined) await cacheFile(this.#file, JSON.stringify(value));
  }
}

export function headerOf({ header, token }: CachedToken): Header {
  return [header, `Bearer ${token.accessToken}`];
}
