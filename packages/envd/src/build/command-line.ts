import type { BuildRequest } from "@imagespec/core/builder";
import type { EnvdContext } from "../cli/use-context.ts";
import type { EnvdOptions } from "../options.ts";

/** A line of CSV, as encoding/csv of Go reads it. */
function csv(fields: readonly string[]): string {
  return fields
    .map((field) => (/[",\n\r]|^ /.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(",");
}

/** Whether envd pushes by itself from there: from Docker's own engine it cannot. */
export function canPush({ builder }: EnvdContext): boolean {
  return builder !== "moby-worker";
}

function outputWords(request: BuildRequest<EnvdOptions>, context: EnvdContext): string[] {
  const { reference, destination, plan, options } = request;
  if (destination === "local" || !canPush(context)) return ["--tag", reference];
  const attributes = {
    type: "image",
    name: reference,
    push: "true",
    ...(plan.destination.insecure && { "registry.insecure": "true" }),
    ...options.output,
  };
  return ["--output", csv(Object.entries(attributes).map(([name, value]) => `${name}=${value}`))];
}

/**
 * What `envd` is called with. `--force` keeps it from taking an image of the same name in Docker's store for the one
 * that is to be built; it ignores no cache.
 */
export function buildWords(
  request: BuildRequest<EnvdOptions>,
  { context, folder }: Readonly<{ context: EnvdContext; folder: string }>,
): string[] {
  const { exportCache, importCache } = request.options;
  return [
    ...["build", "--path", folder, "--force"],
    ...["--platform", request.plan.platforms[0] ?? "linux/amd64"],
    ...outputWords(request, context),
    ...(exportCache === undefined ? [] : ["--export-cache", exportCache]),
    ...(importCache === undefined ? [] : ["--import-cache", importCache]),
  ];
}
