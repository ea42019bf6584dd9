import { ImageSpecError, normalizePlatform, textOf } from "@imagespec/core";
import type { Engine } from "./engine.ts";

export type EngineFacts = Readonly<{
  /** As `20.10.24`. */
  version: string;
  /** What it runs without emulation, as `linux/amd64`. */
  platform: string;
  /** The containerd image store keeps manifests, and so several platforms and digests; the older ones do not. */
  store: "containerd" | "graphdriver";
}>;

/** An engine that is there answers at once; one behind a dropped packet never does. */
const FIRST_ANSWER_MS = 15_000;

/**
 * Asks an engine what it is.
 *
 * @throws ImageSpecError `ENGINE_NOT_FOUND`, `ENGINE_PERMISSION`, `ENGINE_TLS`; `ENGINE_UNSUPPORTED` for what is not
 *   Docker's engine for Linux images, version 18.09 or newer
 */
export async function describeEngine(engine: Engine, signal: AbortSignal): Promise<EngineFacts> {
  const version = await firstAnswer(engine, signal);
  refuseOthers(engine, version);
  const info = await engine.json("/info", { signal });
  return {
    version: textOf(version, "Version") ?? "unknown",
    platform: normalizePlatform(`${textOf(version, "Os")}/${textOf(version, "Arch")}`),
    store: isContainerdStore(info) ? "containerd" : "graphdriver",
  };
}

/**
 * Asks a podman what it is.
 *
 * @throws ImageSpecError as {@link describeEngine}; `ENGINE_UNSUPPORTED` for what is not podman
 */
export async function describePodman(
  engine: Engine,
  signal: AbortSignal,
): Promise<Pick<EngineFacts, "version" | "platform">> {
  const version = await firstAnswer(engine, signal);
  if (!isPodman(version)) {
    const hint = "sudo systemctl start podman.socket && export DOCKER_HOST=unix:///run/podman/podman.sock";
    throw unsupported(`${engine.endpoint.address} is not podman`, hint);
  }
  return {
    version: textOf(version, "Version") ?? "unknown",
    platform: normalizePlatform(`${textOf(version, "Os")}/${textOf(version, "Arch")}`),
  };
}

function isPodman(version: unknown): boolean {
  return /podman/i.test(JSON.stringify((version as { Components?: unknown }).Components ?? ""));
}

async function firstAnswer(engine: Engine, signal: AbortSignal): Promise<unknown> {
  const limit = AbortSignal.timeout(FIRST_ANSWER_MS);
  try {
    return await engine.json("/version", { signal: AbortSignal.any([signal, limit]) });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw engine.faultOf(error);
  }
}

function refuseOthers(engine: Engine, version: unknown): void {
  const { address } = engine.endpoint;
  const start = "sudo systemctl start docker && export DOCKER_HOST=unix:///var/run/docker.sock";
  if (isPodman(version)) throw unsupported(`${address} is podman, which has no BuildKit`, start);
  const system = textOf(version, "Os");
  if (system !== "linux")
    throw unsupported(`${address} runs ${system ?? "unknown"} containers, not Linux ones`, start);
  const [major = 0, minor = 0] = (textOf(version, "ApiVersion") ?? "").split(".").map(Number);
  if (major === 1 && minor >= 39) return;
  throw unsupported(
    `${address} is older than Docker 18.09 and has no BuildKit`,
    "sudo apt-get install docker.io",
  );
}

function unsupported(message: string, hint: string): ImageSpecError {
  return new ImageSpecError("ENGINE_UNSUPPORTED", `the engine at ${message}`, { hint });
}

function isContainerdStore(info: unknown): boolean {
  const status = (info as { DriverStatus?: unknown }).DriverStatus;
  return JSON.stringify(status ?? "").includes("io.containerd.snapshotter");
}
