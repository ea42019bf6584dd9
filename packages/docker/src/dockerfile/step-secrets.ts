import type { BuildPlan, Refusals, SecretMount } from "@imagespec/core";
import type { DockerOptions } from "../options.ts";
import { type LentSecret, type SecretStep, secretSteps } from "../secret-mount-option.ts";
import { refuse, refuseMeetings, type SecretRequest, targetFault } from "./secret-targets.ts";
import { packageStep, secretStepsOf } from "./tools-of-plan.ts";

/** What each kind of step is lent. */
export type StepSecrets = Readonly<Record<SecretStep, readonly SecretMount[]>>;

/** The secrets of each kind of step: those of the plan, and those of the options. What cannot be lent is refused. */
export function stepSecrets(plan: BuildPlan, options: DockerOptions, refusals: Refusals): StepSecrets {
  const requests = [...ownRequests(plan), ...optionRequests(plan, options, refusals)];
  const good = requests.filter((request) => isGood(request, plan, refusals));
  refuseMeetings(good, refusals);
  const lentTo = (step: SecretStep): readonly SecretMount[] =>
    good.filter(({ steps }) => steps.includes(step)).map(({ mount }) => mount);
  return { apt: lentTo("apt"), pip: lentTo("pip"), conda: lentTo("conda"), commands: lentTo("commands") };
}

function ownRequests(plan: BuildPlan): readonly SecretRequest[] {
  const secrets = packageStep(plan)?.secrets ?? [];
  return secrets.map((mount) => ({ mount, field: "pipSecretMounts", steps: ["pip"] }));
}

function optionRequests(
  plan: BuildPlan,
  options: DockerOptions,
  refusals: Refusals,
): readonly SecretRequest[] {
  const there = secretStepsOf(plan, options);
  return (options.secretMounts ?? []).map((lent, index) => {
    const field = `builderOptions.docker.secretMounts[${index}]`;
    refuseMissingSteps({ lent, field, there }, refusals);
    return { mount: mountOf(lent), field, steps: there.filter((step) => isFor(lent, step)) };
  });
}

function mountOf({ secret, target }: LentSecret): SecretMount {
  return { id: secret, target, kind: target.includes("/") ? "file" : "variable" };
}

function isFor({ steps = secretSteps }: LentSecret, step: SecretStep): boolean {
  return steps.includes(step);
}

type Wanted = Readonly<{ lent: LentSecret; field: string; there: readonly SecretStep[] }>;

function refuseMissingSteps({ lent, field, there }: Wanted, refusals: Refusals): void {
  const missing = lent.steps?.filter((step) => !there.includes(step)) ?? [];
  for (const step of new Set(missing)) {
    refuse(refusals, `${field}.steps`, {
      code: "DOCKER_SECRET_STEP",
      message: `this spec has no ${step} step to lend a secret to`,
      hint: there.length > 0 ? `name steps that it has: ${there.join(", ")}` : "leave the secret out",
    });
  }
  if (lent.steps === undefined && there.length === 0) {
    const warning = {
      code: "DOCKER_UNUSED_SECRET",
      message: "no step of this spec can be lent a secret",
      hint: "leave the secret out",
    };
    refusals.warn(warning.message, { ...warning, field });
  }
}

function isGood({ mount, field }: SecretRequest, plan: BuildPlan, refusals: Refusals): boolean {
  const fault = targetFault(mount, plan);
  if (fault !== undefined) refuse(refusals, field, fault);
  return fault === undefined;
}
