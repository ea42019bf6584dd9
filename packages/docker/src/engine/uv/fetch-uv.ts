import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  type BuildPlan,
  cacheFile,
  type EmittedFile,
  findStep,
  ImageSpecError,
  type IndexOptions,
  parsePlatform,
} from "@imagespec/core";
import { unzipSync } from "fflate";
import { UV_VERSION, UV_WHEELS, uvContextPath } from "../../dockerfile/index.ts";
import { fetchBytes } from "./fetch-bytes.ts";
import { netrcLogin } from "./netrc-login.ts";
import { findProjectFile, type PythonIndex } from "./python-index.ts";

export type UvOrder = Readonly<{
  plan: BuildPlan;
  platform: string;
  /** The index where the plan names none. */
  mirror?: string | undefined;
  /** The secrets of the build, by id; a netrc among them is for the index as well. */
  secrets: ReadonlyMap<string, Uint8Array>;
  /** The PEM bundle of `caCertificates`. */
  certificates?: Uint8Array | undefined;
  signal: AbortSignal;
}>;

type Wheel = Readonly<{ file: string; sha256: string }>;

export const DEFAULT_INDEX = "https://pypi.org/simple";
const MAX_WHEEL_BYTES = 128 * 1024 * 1024;
/** `uname -m` by architecture. */
const machines: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64" };

/**
 * uv as a file of the context, for a base that has nothing to fetch it with: the pinned wheel from the indexes of the
 * spec, else from PyPI, verified by its sha256.
 *
 * @throws ImageSpecError `UV_UNAVAILABLE`
 */
export async function fetchUv(order: UvOrder): Promise<EmittedFile> {
  const machine = machines[parsePlatform(order.platform).architecture];
  const wheels = UV_WHEELS[machine ?? ""];
  if (machine === undefined || wheels === undefined)
    throw unavailable(`there is no uv for ${order.platform}`);
  const wheel = (await firstStored(wheels)) ?? (await firstFetched(wheels, order));
  const program = unzipSync(wheel, { filter: ({ name }) => name.endsWith(".data/scripts/uv") });
  const [content] = Object.values(program);
  if (content === undefined) throw unavailable("its wheel holds no program");
  return { path: uvContextPath(machine), content, mode: 0o755 };
}

function cachePath({ sha256 }: Wheel): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "imagespec", "uv", `${sha256}.whl`);
}

async function firstStored(wheels: readonly Wheel[]): Promise<Uint8Array | undefined> {
  for (const wheel of wheels) {
    const stored = await readFile(cachePath(wheel)).catch(() => undefined);
    if (stored !== undefined && isWhole(stored, wheel)) return stored;
  }
  return undefined;
}

async function firstFetched(wheels: readonly Wheel[], order: UvOrder): Promise<Uint8Array> {
  const faults: string[] = [];
  for (const index of indexesOf(order)) {
    try {
      const found = await fetchFrom(index, wheels);
      if (found !== undefined) return found;
      faults.push(`${index.url.host} does not have uv ${UV_VERSION}`);
    } catch (error) {
      if (order.signal.aborted) throw order.signal.reason;
      faults.push(`${index.url.host}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw unavailable(faults.join("; "));
}

async function fetchFrom(index: PythonIndex, wheels: readonly Wheel[]): Promise<Uint8Array | undefined> {
  for (const wheel of wheels) {
    const url = await findProjectFile(index, "uv", wheel.file);
    if (url === undefined) continue;
    const login = url.host === index.url.host ? index.login : undefined;
    const { status, body } = await fetchBytes(url, { ...index, login, maxBytes: MAX_WHEEL_BYTES });
    if (status !== 200) throw new Error(`answers ${status} for ${wheel.file}`);
    if (!isWhole(body, wheel)) throw new Error(`${wheel.file} is not the pinned one: its sha256 is another`);
    await cacheFile(cachePath(wheel), body);
    return body;
  }
  return undefined;
}

function isWhole(bytes: Uint8Array, { sha256 }: Wheel): boolean {
  return createHash("sha256").update(bytes).digest("hex") === sha256;
}

function indexesOf({ plan, mirror, secrets, certificates, signal }: UvOrder): readonly PythonIndex[] {
  const options = findStep(plan, "requirements")?.index ?? findStep(plan, "project")?.index;
  const netrc = [...secrets.values()].map((bytes) => Buffer.from(bytes).toString()).join("\n");
  return addressesOf(options, mirror).map((address) => {
    const url = new URL(address);
    return { url, login: netrcLogin(netrc, url.hostname), certificates, signal };
  });
}

function addressesOf(options: IndexOptions | undefined, mirror: string = DEFAULT_INDEX): readonly string[] {
  return [options?.index ?? mirror, ...(options?.extraIndexes ?? [])].filter((address) =>
    /^https?:/.test(address),
  );
}

function unavailable(why: string): ImageSpecError {
  return new ImageSpecError(
    "UV_UNAVAILABLE",
    `the base has no pip that could fetch uv, and this machine cannot fetch it either: ${why}`,
    {
      field: "baseImage",
      hint: `take uv from an image: builderOptions: { docker: { uvImage: ghcr.io/astral-sh/uv:${UV_VERSION} } }`,
    },
  );
}
