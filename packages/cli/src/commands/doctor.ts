import { ImageSpecError, parseImageReference, type ResolvedImage } from "@imagespec/core";
import type { RegistryClient } from "@imagespec/registry";
import { checkBuilders } from "../doctor/check-builders.ts";
import { checkDisk } from "../doctor/check-disk.ts";
import { checkDestination, checkHost, type Destination, destinationsOf } from "../doctor/check-registries.ts";
import { type Finding, formatFindings } from "../doctor/finding.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { writeDocument } from "../output/json-document.ts";
import { openProject, type Project } from "../project.ts";
import { type Invocation, withRegistry, withSession } from "../session.ts";

type Images = Readonly<{ images: readonly ResolvedImage[]; findings: readonly Finding[] }>;

/** A project without a spec has registries all the same; a spec that is wrong is a finding. */
async function imagesOf(invocation: Invocation, project: Project): Promise<Images> {
  const { sources, signal } = invocation;
  try {
    const images = await withSession(invocation, project, {
      use: ({ engine, named }) => engine.resolve(named, signal),
    });
    return { images, findings: [] };
  } catch (error) {
    if (!ImageSpecError.isInstance(error) || sources.length > 0) throw error;
    if (error.code === "SOURCE_NOT_FOUND") return { images: [], findings: [] };
    const { file, hint } = error.details;
    return {
      images: [],
      findings: [{ subject: file ?? "spec", state: "fault", detail: error.message, hint }],
    };
  } finally {
    invocation.listen();
  }
}

async function checkRegistries(
  registry: RegistryClient,
  destinations: readonly Destination[],
  { project: { config }, signal }: Readonly<{ project: Project; signal: AbortSignal }>,
): Promise<readonly Finding[]> {
  const hosts = new Map(Object.keys(config?.registries ?? {}).map((host) => [host, {}]));
  for (const { repository, query } of destinations) hosts.set(parseImageReference(repository).host, query);
  const greetings = [...hosts].map(([host, query]) => checkHost(registry, host, { ...query, signal }));
  const pushes = destinations.map(({ repository, query }) =>
    checkDestination(registry, { repository, query: { ...query, signal } }),
  );
  return [...(await Promise.all(greetings)).flat(), ...(await Promise.all(pushes))];
}

/** Looks at what builds depend on here, and names a remedy for each fault. Nothing is built or pushed. */
export async function doctor(invocation: Invocation): Promise<ExitCode> {
  const { flags, surroundings, signal } = invocation;
  const project = await openProject(flags, surroundings);
  const { images, findings: specs } = await imagesOf(invocation, project);
  const registries = await withRegistry(project, surroundings, (registry) =>
    checkRegistries(registry, destinationsOf(images), { project, signal }),
  );
  const builders = await checkBuilders(project, signal);
  const findings = [...builders, ...specs, ...registries, ...(await checkDisk(surroundings.environment))];
  if (flags.json) writeDocument({ findings }, surroundings);
  else surroundings.stdout.write(formatFindings(findings));
  return findings.some(({ state }) => state === "fault") ? exitCodes.failed : exitCodes.done;
}
