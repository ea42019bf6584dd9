import {
  type AnyBuilder,
  type Availability,
  askAvailability,
  builderPackage,
  ImageSpecError,
  ownBuilders,
} from "@imagespec/core";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { writeDocument } from "../output/json-document.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { formatTable } from "../output/table.ts";
import { openProject, type Project } from "../project.ts";
import type { Invocation } from "../session.ts";

type KnownBuilder = Readonly<{
  name: string;
  version: string | null;
  /** Null: chosen by name alone. */
  priority: number | null;
  available: boolean;
  reason?: string | undefined;
  hint?: string | undefined;
  supports: readonly string[];
}>;

function supportsOf({ capabilities }: AnyBuilder, availability: Availability): readonly string[] {
  const narrowed = availability.available ? { ...capabilities, ...availability.capabilities } : capabilities;
  return Object.keys(narrowed).filter((feature) => narrowed[feature] === true);
}

async function describe(
  builder: AnyBuilder,
  { builders }: Project,
  signal: AbortSignal,
): Promise<KnownBuilder> {
  const { name } = builder;
  const availability = await askAvailability(builder, {}, signal);
  return {
    name,
    version: availability.available ? availability.version : null,
    priority: builders.priorityOf(name) ?? null,
    available: availability.available,
    ...(availability.available ? {} : { reason: availability.reason, hint: availability.hint }),
    supports: supportsOf(builder, availability),
  };
}

function notInstalled(name: string): KnownBuilder {
  const hint = `npm install ${builderPackage(name)}`;
  return {
    name,
    version: null,
    priority: null,
    available: false,
    reason: "not installed",
    hint,
    supports: [],
  };
}

async function describeNamed(name: string, project: Project, signal: AbortSignal): Promise<KnownBuilder> {
  try {
    return await describe(await project.builders.get(name), project, signal);
  } catch (error) {
    if (ImageSpecError.isInstance(error) && error.code === "BUILDER_NOT_INSTALLED") return notInstalled(name);
    throw error;
  }
}

const heading = ["BUILDER", "VERSION", "PRIORITY", "AVAILABLE", "SUPPORTS"];

function formatBuilders(builders: readonly KnownBuilder[]): string {
  const rows = builders.map(({ name, version, priority, available, reason, hint, supports }) =>
    [
      name,
      version ?? "-",
      priority === null ? "by name" : String(priority),
      available ? "yes" : `no: ${reason}${hint ? ` (${hint})` : ""}`,
      supports.join(" ") || "-",
    ].map(sanitizeLine),
  );
  return formatTable([heading, ...rows]);
}

/** Every builder that is registered or ours, and whether it can be used. */
export async function builders({ flags, surroundings, signal, listen }: Invocation): Promise<ExitCode> {
  const project = await openProject(flags, surroundings);
  listen();
  const names = new Set([...project.builders.list().map(({ name }) => name), ...ownBuilders]);
  const known: KnownBuilder[] = [];
  for (const name of names) known.push(await describeNamed(name, project, signal));
  if (flags.json) writeDocument({ builders: known }, surroundings);
  else surroundings.stdout.write(formatBuilders(known));
  return exitCodes.done;
}
