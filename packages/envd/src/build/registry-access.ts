import { isLoopbackHost, parseImageReference } from "@imagespec/core";
import type { BuildPlan, BuildRequest, Credential } from "@imagespec/core/builder";
import type { RegistryAccess } from "../cli/envd-home.ts";
import { baseReference } from "../emit/base.ts";

/** envd takes the images of its tools from there. */
const TOOL_IMAGES = ["ghcr.io/mamba-org/micromamba"];

type Wanted = Readonly<{ repository: string; access: "pull" | "push" }>;

function repositoryOf(reference: string): string {
  const { host, repository } = parseImageReference(reference);
  return `${host}/${repository}`;
}

function cacheReferences({ options }: BuildRequest<CacheOptions>): string[] {
  const fields = [options.importCache, options.exportCache].flatMap((cache) => cache?.split(",") ?? []);
  return fields.flatMap((field) => (field.startsWith("ref=") ? [field.slice("ref=".length)] : []));
}

type CacheOptions = Readonly<{ importCache?: string | undefined; exportCache?: string | undefined }>;

/** What the build pushes first: where it also pulls from there, that login is the one that can do both. */
function wanted(request: BuildRequest<CacheOptions>): Wanted[] {
  const pushed = request.destination === "registry" ? [request.reference] : [];
  const push = [...pushed, ...cacheReferences(request)].map(repositoryOf);
  const pull = [repositoryOf(baseReference(request)), ...TOOL_IMAGES];
  return [
    ...push.map((repository) => ({ repository, access: "push" as const })),
    ...pull.map((repository) => ({ repository, access: "pull" as const })),
  ];
}

function insecureHosts({ destination, base }: BuildPlan, reference: string): Set<string> {
  const hosts = new Set<string>();
  if (destination.insecure) hosts.add(parseImageReference(reference).host);
  if (base.kind === "image" && base.plan.destination.insecure) {
    hosts.add(parseImageReference(base.reference).host);
  }
  return hosts;
}

/** Every registry that the build talks to, each once: its login, and whether plain http is allowed. */
export async function registryAccess(
  request: BuildRequest<CacheOptions>,
): Promise<readonly (RegistryAccess & Readonly<{ credential?: Credential | undefined }>)[]> {
  const insecure = insecureHosts(request.plan, request.reference);
  const found = new Map<string, RegistryAccess>();
  for (const { repository, access } of wanted(request)) {
    const { host } = parseImageReference(repository);
    if (found.get(host)?.credential) continue;
    const credential = await request.services.credentials(repository, access);
    found.set(host, { host, credential, insecure: insecure.has(host) || isLoopbackHost(host) });
  }
  return [...found.values()];
}
