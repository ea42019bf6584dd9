import type { Builder, BuildRequest, EmittedFile, Existence, PlanInput } from "@imagespec/core/builder";
import { envdCapabilities } from "./capabilities.ts";
import { checkEnvdConfig, emitEnvdConfig } from "./emit/emit-envd-config.ts";
import { type EnvdOptions, envdOptionsSchema } from "./options.ts";

function emitFiles({ plan, bases }: PlanInput<EnvdOptions>): readonly EmittedFile[] {
  const { text, files } = emitEnvdConfig(plan, bases);
  return [{ path: "build.envd", content: text }, ...files];
}

/** Only of Docker's own store: an image with a registry is asked of that. */
async function exists(request: BuildRequest<EnvdOptions>): Promise<Existence | undefined> {
  if (request.destination === "registry") return undefined;
  const { askLocalStore } = await import("./docker/local-store.ts");
  return askLocalStore(request);
}

/**
 * Builds with envd, on the Docker engine of this machine or on a buildkitd anywhere. `defaults` are laid under the
 * options of each spec. Nothing is loaded or started before `probe`, `exists` or `build`.
 */
export function envd(defaults: Partial<EnvdOptions> = {}): Builder<EnvdOptions> {
  const withDefaults = (options: EnvdOptions): EnvdOptions => ({ ...defaults, ...options });
  return {
    interfaceVersion: 1,
    name: "envd",
    capabilities: envdCapabilities,
    optionsSchema: envdOptionsSchema,
    inspectsBase: true,
    fingerprintOptions: (options) => {
      const { output } = withDefaults(options);
      return output === undefined || Object.keys(output).length === 0 ? {} : { output };
    },
    probe: async (options, signal) => {
      const { probeEnvd } = await import("./cli/probe-envd.ts");
      return probeEnvd(withDefaults(options), signal);
    },
    check: checkEnvdConfig,
    emit: emitFiles,
    exists,
    build: async (request) => {
      const { runBuild } = await import("./build/run-build.ts");
      return runBuild({ ...request, options: withDefaults(request.options) });
    },
  };
}
