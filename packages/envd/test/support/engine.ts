import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type BuildEvent,
  BuilderRegistry,
  type BuildOptions,
  createEngine,
  type ImageOutcome,
  type ImageSpec,
} from "@imagespec/core";
import { docker } from "@imagespec/docker";
import { registryClient } from "@imagespec/registry";
import { type EnvdOptions, envd } from "../../src/index.ts";

export type Files = Readonly<Record<string, string | Readonly<{ text: string; mode: number }>>>;

/** A new folder with these files. */
export async function folderWith(files: Files): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "imagespec-envd-test-"));
  for (const [path, content] of Object.entries(files)) {
    const { text, mode } = typeof content === "string" ? { text: content, mode: 0o644 } : content;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { mode });
  }
  return folder;
}

export type Built = Readonly<{ outcome: ImageOutcome; events: readonly BuildEvent[] }>;

/** Builds a spec from files, by envd with these options, or by docker. */
export async function build(
  spec: ImageSpec,
  {
    files = {},
    options = {},
    ...run
  }: BuildOptions & Readonly<{ files?: Files; options?: EnvdOptions }> = {},
): Promise<Built> {
  const cwd = await folderWith(files);
  const registry = registryClient();
  const builders = new BuilderRegistry().register(envd(options)).register(docker());
  const events: BuildEvent[] = [];
  try {
    const engine = createEngine({ builders, registry, cwd });
    const [outcome] = await engine.build([{ builder: "envd", ...spec }], {
      ...run,
      onEvent: (event) => {
        events.push(event);
        run.onEvent?.(event);
      },
    });
    return { outcome: outcome!, events };
  } finally {
    await registry.close();
    await rm(cwd, { recursive: true });
  }
}

/** Does it when a step prints this line. */
export function onLog(line: string, action: () => void): (event: BuildEvent) => void {
  return (event) => {
    if (event.type === "step-log" && event.line === line) action();
  };
}
