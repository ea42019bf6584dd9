import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  type BuildEvent,
  type BuildRequest,
  contextEntries,
  type ImageSpec,
  resolveImage,
} from "@imagespec/core";
import type { UnionOptions } from "../../src/options.ts";

export type RequestParts = Readonly<{
  options: UnionOptions;
  cwd?: string;
  force?: boolean;
  signal?: AbortSignal;
  onEvent?: (event: BuildEvent) => void;
}>;

/** A request as the engine makes it, and the events that it gives rise to. */
export async function unionRequest(
  spec: ImageSpec,
  { options, cwd, force = false, signal, onEvent }: RequestParts,
): Promise<{ request: BuildRequest<UnionOptions>; events: BuildEvent[]; dispose: () => Promise<void> }> {
  const image = await resolveImage({ builder: "union", ...spec }, { ...(cwd !== undefined && { cwd }) });
  const events: BuildEvent[] = [];
  const folders: string[] = [];
  const request: BuildRequest<UnionOptions> = {
    plan: image.plan,
    options,
    bases: new Map(),
    reference: image.reference,
    destination: spec.registry === undefined ? "local" : "registry",
    force,
    signal: signal ?? new AbortController().signal,
    services: {
      credentials: async () => undefined,
      inspect: async () => ({ verdict: "unknown", reason: "no-registry-client" }),
      secret: async (id) => {
        throw new Error(`no secret ${id}`);
      },
      context: () => contextEntries(image),
      async temporaryDirectory() {
        const folder = await mkdtemp(path.join(tmpdir(), "imagespec-union-"));
        folders.push(folder);
        return folder;
      },
      emit(event) {
        events.push(event);
        onEvent?.(event);
      },
    },
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  };
  return { request, events, dispose };
}
