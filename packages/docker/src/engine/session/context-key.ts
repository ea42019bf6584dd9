import { createHash, createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ContextEntry, cacheDirectory, cacheFile, contextTime } from "@imagespec/core";
import type { Environment } from "../docker-config.ts";

/**
 * What an engine knows files of earlier builds by. It compares sizes and times, and in a layer a time has no parts of a
 * second: those tell apart what is in a file.
 */
export type ContextKey = Readonly<{
  /** What builds have in common that send nearly the same files. */
  shared: string;
  /** Nanoseconds since the epoch. */
  timeOf(entry: ContextEntry): Promise<bigint>;
}>;

const SECOND = 1_000_000_000n;
/** As in a tar. */
const TIME = BigInt(contextTime) * SECOND;
const KEY_BYTES = 32;

/** `name`: of the image. Nobody who does not know this user's secret can make files that are taken for others. */
export async function contextKey(name: string, environment: Environment): Promise<ContextKey> {
  const secret = await userSecret(environment);
  const hmac = (text: string): Buffer => createHmac("sha256", secret).update(text).digest();
  return {
    shared: hmac(JSON.stringify([process.cwd(), name])).toString("hex"),
    timeOf: async (entry) =>
      entry.type === "file" ? TIME + (hmac(await digestOf(entry)).readBigUInt64BE() % SECOND) : TIME,
  };
}

async function digestOf(file: Extract<ContextEntry, { type: "file" }>): Promise<string> {
  if (file.sha256 !== undefined) return file.sha256;
  const hash = createHash("sha256");
  for await (const chunk of file.open()) hash.update(chunk);
  return hash.digest("hex");
}

/** One that cannot be kept is for this build alone, and everything is sent. */
async function userSecret(environment: Environment): Promise<Buffer> {
  const file = join(cacheDirectory(environment), "context-key");
  const fresh = randomBytes(KEY_BYTES);
  const kept = await readFile(file).catch(() => undefined);
  if (kept?.length === KEY_BYTES) return kept;
  await cacheFile(file, fresh);
  return fresh;
}
