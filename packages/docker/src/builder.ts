import type { BuildPlan } from "@imagespec/core";
import type { Availability, Builder, BuildRequest, Existence, PlanInput } from "@imagespec/core/builder";
import { dockerCapabilities } from "./capabilities.ts";
import { digestBundle } from "./certificates.ts";
import { dockerFiles } from "./docker-files.ts";
import { dockerHelpers } from "./dockerfile/helpers.ts";
import { checkDockerfile, emitDockerfile } from "./dockerfile/index.ts";
import { secretStepsOf } from "./dockerfile/tools-of-plan.ts";
import { type DockerOptions, dockerOptionsSchema } from "./options.ts";

/**
 * Builds with the engine that is there: Docker's, podman, buildah, and others. `defaults` are laid under the options of each
 * spec. Nothing is loaded or asked before `probe`, `exists` or `build`.
 */
export function docker(defaults: Partial<DockerOptions> = {}): Builder<DockerOptions> {
  const withDefaults = (options: DockerOptions): DockerOptions => ({ ...defaults, ...onlyGiven(options) });
  const inputOf = <I extends PlanInput<DockerOptions>>(input: I): I => {
    const options = withDefaults(input.options);
    const isOwn = input.options.secretMounts !== undefined;
    return { ...input, options: isOwn ? options : withFittingSecrets(options, input.plan) };
  };
  return {
    interfaceVersion: 1,
    name: "docker",
    capabilities: dockerCapabilities,
    optionsSchema: dockerOptionsSchema,
    fingerprintOptions: (options) => reachingImage(withDefaults(options)),
    probe: (options, signal) => probe(withDefaults(options), signal),
    helpers: (input) => dockerHelpers(inputOf(input)),
    check: (input) => checkDockerfile(inputOf(input)),
    emit: (input) => dockerFiles(emitDockerfile(inputOf(input))),
    exists: (request) => exists(inputOf(request)),
    build: async (request) => {
      const { runBuild } = await import("./engine/run-build.ts");
      const { flyteCaches } = await import("./engine/flyte-caches.ts");
      const options = { ...flyteCaches(process.env), ...onlyGiven(request.options) };
      return runBuild(inputOf({ ...request, options }));
    },
  };
}

function onlyGiven(options: DockerOptions): DockerOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Secrets that are lent to every spec go where a spec has something for them. */
function withFittingSecrets(options: DockerOptions, plan: BuildPlan): DockerOptions {
  const there = secretStepsOf(plan, options);
  const secretMounts = (options.secretMounts ?? [])
    .map((lent) => ({ ...lent, steps: there.filter((step) => lent.steps?.includes(step) ?? true) }))
    .filter(({ steps }) => steps.length > 0);
  return { ...options, secretMounts };
}

/** Certificates are used while building, and are in the image only where they are asked for: then by their content. */
function reachingImage(options: DockerOptions): Readonly<Record<string, unknown>> {
  const { uvImage, micromambaImage, caCertificates, keepCaCertificates } = options;
  const isKept = keepCaCertificates === true && caCertificates !== undefined;
  return {
    ...(uvImage && { uvImage }),
    ...(micromambaImage && { micromambaImage }),
    ...(isKept && { keepCaCertificates: digestBundle(caCertificates) }),
  };
}

async function probe(options: DockerOptions, signal: AbortSignal): Promise<Availability> {
  const { probeEngine } = await import("./engine/probe-engine.ts");
  return probeEngine(options, signal);
}

/** Only of the engine's own store: an image with a registry is asked of that. */
async function exists(request: BuildRequest<DockerOptions>): Promise<Existence | undefined> {
  if (request.destination === "registry") return undefined;
  const { askLocalStore } = await import("./engine/local-existence.ts");
  return askLocalStore(request);
}
