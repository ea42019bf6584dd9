import type { ImageSpec } from "../spec/image-spec.ts";
import { formatNetrc, type UrlCredential } from "../spec/url-credentials.ts";
import type { KnownStep, RequirementsStep, SecretMount } from "./build-plan.ts";
import { resolveCopy, resolveSource } from "./files-step.ts";
import type { NormalizedSpec } from "./normalize-spec.ts";
import type { ResolvedProject } from "./project-step.ts";
import type { ResolvedRequirements } from "./requirements-step.ts";
import type { ResolveContext } from "./resolve-context.ts";

/** The id under which the logins that were taken out of URLs are lent to builders. */
export const netrcSecretId = "imagespec-netrc";

type SecretSources = Pick<SpecSources, "spec" | "credentials">;

function secretMounts({ spec, credentials }: SecretSources): SecretMount[] {
  const mounts = (spec.pipSecretMounts ?? []).map(([id, target]): SecretMount => {
    const kind = target.startsWith("/") ? "file" : "variable";
    return { id, target: target === "" ? id : target, kind };
  });
  return credentials.length > 0 ? [...mounts, { id: netrcSecretId, target: "", kind: "netrc" }] : mounts;
}

/** A spec with what its requirement files bring. */
export type SpecSources = Readonly<{
  spec: ImageSpec;
  normal: NormalizedSpec;
  project: ResolvedProject | undefined;
  requirements: ResolvedRequirements | undefined;
  credentials: readonly UrlCredential[];
}>;

function requirementsStep({ normal, requirements, ...rest }: SpecSources): RequirementsStep | undefined {
  const files = requirements?.files.some(({ lines }) => lines.length > 0) ? requirements.files : [];
  const { index } = normal;
  const hasIndex = index.index !== undefined || index.extraIndexes.length + index.extraArguments.length > 0;
  const isAlone = normal.lockTool === undefined;
  if (files.length === 0 && normal.packages.length === 0 && !(isAlone && hasIndex)) return undefined;
  return {
    kind: "requirements",
    files,
    packages: normal.packages,
    local: requirements?.local ?? [],
    index,
    secrets: secretMounts(rest),
  };
}

const order: readonly KnownStep["kind"][] = [
  "cuda",
  "apt",
  "python",
  "environment",
  "conda",
  "requirements",
  "project",
  "files",
  "commands",
  "entrypoint",
  "labels",
];

function inOrder(steps: readonly (KnownStep | undefined)[]): KnownStep[] {
  return steps
    .filter((step) => step !== undefined)
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** Reads the requirements of a spec; loads what reads them only when there are some. */
export async function readSources(
  spec: ImageSpec,
  normal: NormalizedSpec,
  context: ResolveContext,
): Promise<SpecSources> {
  const { lockTool: tool, installProject, credentials } = normal;
  const file = spec.requirements;
  const nothing = { spec, normal, credentials, project: undefined, requirements: undefined };
  if (file === undefined) return nothing;
  if (tool === undefined) {
    const { resolveRequirements } = await import("./requirements-step.ts");
    const requirements = await resolveRequirements(file, context);
    return { ...nothing, requirements, credentials: [...credentials, ...requirements.credentials] };
  }
  const { resolveProject } = await import("./project-step.ts");
  const project = await resolveProject({ tool, file, installProject }, context);
  return { ...nothing, project, credentials: [...credentials, ...project.credentials] };
}

/** The values of the secrets that stood in the spec itself, by id. */
export function ownSecrets({ credentials }: SpecSources): ReadonlyMap<string, Uint8Array> {
  return new Map(credentials.length > 0 ? [[netrcSecretId, Buffer.from(formatNetrc(credentials))]] : []);
}

/** The steps of a plan, in the order of the image. */
export async function planSteps(
  sources: SpecSources,
  context: ResolveContext,
): Promise<readonly KnownStep[]> {
  const { spec, normal, project } = sources;
  const source = await resolveSource(spec, normal.workDirectory, context);
  const copy = await resolveCopy(spec, normal.workDirectory, context);
  const projectStep = project && { ...project.part, index: normal.index, secrets: secretMounts(sources) };
  return inOrder([...normal.steps, requirementsStep(sources), projectStep, source, copy]);
}
