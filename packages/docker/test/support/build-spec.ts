import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BuildEvent, ImageSpec } from "@imagespec/core";
import { contextEntries, ImageSpecError, resolveImage } from "@imagespec/core";
import { connectEngine } from "@imagespec/test-services";
import { inject, vi } from "vitest";
import { docker } from "../../src/builder.ts";
import type { DockerOptions } from "../../src/options.ts";
import { buildRequest } from "./build-request.ts";
import { runContainer } from "./run-container.ts";

export type SpecParts = Readonly<{
  /** Files of the working directory, by path. */
  files?: Readonly<Record<string, string>>;
  /** The working directory itself, where one is there already. */
  directory?: string;
  options?: DockerOptions;
  /** What is lent, by id. */
  secrets?: Readonly<Record<string, string>>;
}>;

export type SpecImage = Readonly<{
  reference: string;
  events: readonly BuildEvent[];
  /** What a command prints in a container of the image. */
  run(command: readonly string[], user?: string): Promise<string>;
}>;

async function inDirectory<T>(
  { files = {}, directory }: SpecParts,
  use: (directory: string) => Promise<T>,
): Promise<T> {
  if (directory !== undefined) return use(directory);
  const made = await mkdtemp(path.join(tmpdir(), "imagespec-test-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(made, name)), { recursive: true });
      await writeFile(path.join(made, name), content);
    }
    return await use(made);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** Of a step that failed when nobody expected it, what it printed says why. */
function withLog(error: unknown): unknown {
  const { log } = (ImageSpecError.isInstance(error) && error.details.step) || {};
  if (log) (error as Error).stack = [...log, (error as Error).stack].join("\n");
  return error;
}

/** Builds a spec into the store of the suite's engine, as the engine of core would have it built. */
export async function buildSpec(spec: ImageSpec, parts: SpecParts = {}): Promise<SpecImage> {
  const { dockerHost } = inject("services");
  const reference = `imagespec-test/${randomUUID()}:1`;
  const events = await inDirectory(parts, async (cwd) => {
    const image = await resolveImage(spec, { cwd });
    const { request, events } = buildRequest({
      plan: image.plan,
      options: parts.options ?? {},
      reference,
      services: {
        context: () => contextEntries(image),
        secret: async (id) => image.secrets.get(id) ?? Buffer.from(parts.secrets?.[id] ?? ""),
      },
    });
    vi.stubEnv("DOCKER_HOST", dockerHost);
    try {
      await docker().build(request);
    } catch (error) {
      throw withLog(error);
    } finally {
      vi.unstubAllEnvs();
    }
    return events;
  });
  const client = connectEngine(dockerHost);
  return { reference, events, run: (command, user) => runContainer(client, reference, { command, user }) };
}
