import type { BuildPlan, PlanStep, SecretMount } from "../plan/build-plan.ts";
import type { Capabilities, Feature, Issue } from "./builder.ts";
import type { AnyBuilder } from "./builder-registry.ts";

/** A feature that a plan needs, the field of the spec that asks for it, and the code of a refusal. */
export type Need = Readonly<{ feature: Feature; field: string; code?: string }>;

export type NeedOptions = Readonly<{
  destination: "registry" | "local";
  /** The spec names a credentials file. */
  registryConfig: boolean;
}>;

/** The features that this version of core asks for. */
export const knownFeatures: readonly Feature[] = [
  "apt",
  "pip",
  "lockfile",
  "installProject",
  "conda",
  "cuda",
  "files",
  "commands",
  "entrypoint",
  "labels",
  "secrets",
  "pythonExec",
  "registryConfig",
  "multiPlatform",
  "localStore",
];

const stepNeeds: Readonly<Record<string, readonly Need[]>> = {
  cuda: [{ feature: "cuda", field: "cuda" }],
  apt: [{ feature: "apt", field: "aptPackages" }],
  conda: [{ feature: "conda", field: "condaPackages" }],
  commands: [{ feature: "commands", field: "commands" }],
  entrypoint: [{ feature: "entrypoint", field: "entrypoint" }],
  labels: [{ feature: "labels", field: "labels" }],
  environment: [],
};

function secretNeeds(secrets: unknown): Need[] {
  const mounts = (secrets ?? []) as readonly SecretMount[];
  const fromUrl = mounts.some(({ kind }) => kind === "netrc");
  return [
    ...(mounts.some(({ kind }) => kind !== "netrc")
      ? [{ feature: "secrets", field: "pipSecretMounts" }]
      : []),
    ...(fromUrl ? [{ feature: "secrets", field: "pipIndex", code: "SPEC_CREDENTIALS_IN_URL" }] : []),
  ];
}

function needsOf(step: PlanStep): readonly Need[] {
  switch (step.kind) {
    case "python":
      return "executable" in step && step.executable ? [{ feature: "pythonExec", field: "pythonExec" }] : [];
    case "requirements":
      return [{ feature: "pip", field: "packages" }, ...secretNeeds((step as { secrets?: unknown }).secrets)];
    case "project":
      return [
        { feature: "lockfile", field: "requirements" },
        ...((step as { installProject?: unknown }).installProject
          ? [{ feature: "installProject", field: "installProject" }]
          : []),
        ...secretNeeds((step as { secrets?: unknown }).secrets),
      ];
    case "files":
      return [
        {
          feature: "files",
          field: (step as { origin?: unknown }).origin === "source" ? "sourceRoot" : "copy",
        },
      ];
    default:
      return stepNeeds[step.kind] ?? [{ feature: step.kind, field: step.kind }];
  }
}

/** What a builder must be able to do for this plan, in the order of the plan. */
export function planNeeds(plan: BuildPlan, options: NeedOptions): readonly Need[] {
  return [
    ...plan.steps.flatMap(needsOf),
    ...(plan.platforms.length > 1 ? [{ feature: "multiPlatform", field: "platform" }] : []),
    ...(options.registryConfig ? [{ feature: "registryConfig", field: "registryConfig" }] : []),
    ...(options.destination === "local" ? [{ feature: "localStore", field: "registry" }] : []),
  ];
}

function supports(capabilities: Capabilities, feature: Feature): boolean {
  return capabilities[feature] === true;
}

function refusal(builder: AnyBuilder, need: Need, others: readonly AnyBuilder[]): Issue {
  const known = builder.capabilities[need.feature];
  const reason = typeof known === "object" ? `: ${known.reason}` : "";
  const able = others
    .filter(({ capabilities }) => supports(capabilities, need.feature))
    .map(({ name }) => name);
  return {
    code: need.code ?? "SPEC_UNSUPPORTED_FIELD",
    severity: "error",
    field: need.field,
    message: `the ${builder.name} builder does not support ${need.field}${reason}`,
    hint: able.length > 0 ? `${able.join(", ")} can` : `leave out ${need.field}`,
  };
}

/** A refusal for each thing that the plan needs and the builder does not support; `others` are named where they can. */
export function checkCapabilities(
  builder: AnyBuilder,
  needs: readonly Need[],
  others: readonly AnyBuilder[],
): readonly Issue[] {
  return needs
    .filter(({ feature }) => !supports(builder.capabilities, feature))
    .map((need) => refusal(builder, need, others));
}
