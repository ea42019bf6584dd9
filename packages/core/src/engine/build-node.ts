import type { BuildRequest, BuildResult, Existence, Issue } from "../builder/builder.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import { repositoryOf } from "../plan/plan-reference.ts";
import type { GraphNode } from "./build-graph.ts";
import { type LentServices, lendServices, type SecretSource } from "./build-services.ts";
import type { BuildEvent } from "./events.ts";
import { decide, type UnknownPolicy } from "./existence-policy.ts";
import type { PlannedImage } from "./image-outcome.ts";
import { inspectBase } from "./inspect-base.ts";
import { abortedError, asImageSpecError } from "./redact-error.ts";
import type { Redactor } from "./redactor.ts";
import { refuseCopiedSecrets } from "./refuse-copied-secret.ts";
import type { PushPermission, RegistryQuery, RegistryService } from "./registry-service.ts";
import { verifyResult } from "./verify-result.ts";

export type NodeRun = Readonly<{
  node: GraphNode;
  /** The name that the build of the base returned. */
  base: string | undefined;
  registry: RegistryService | undefined;
  destination: "registry" | "local";
  force: boolean;
  ifUnknown: UnknownPolicy;
  secrets: Readonly<Record<string, SecretSource>>;
  redactor: Redactor;
  signal: AbortSignal;
  emit: (event: BuildEvent) => void;
}>;

export type NodeResult = Readonly<{ status: "built" | "present" | "skipped"; image: BuildResult }>;

function withBase(plan: BuildPlan, reference: string | undefined): BuildPlan {
  return reference === undefined ? plan : { ...plan, base: { ...plan.base, reference } };
}

function requestOf(run: NodeRun, services: BuildRequest<unknown>["services"]): BuildRequest<unknown> {
  const { node, destination, force, signal } = run;
  return {
    plan: withBase(node.image.plan, run.base),
    options: node.options,
    bases: new Map(),
    pins: node.image.pins,
    reference: node.image.reference,
    destination,
    force,
    services,
    signal,
  };
}

function registryQuery({ node, signal }: NodeRun): RegistryQuery {
  const { plan, registryConfig } = node.image;
  return { registryConfig, insecure: plan.destination.insecure, signal };
}

/** An answer and who gave it. */
export type Answer = Readonly<{ existence: Existence; answeredBy: PlannedImage["answeredBy"] }>;

/** The builder's own store first, then the registry. */
async function askExistence(run: NodeRun, request: BuildRequest<unknown>): Promise<Answer> {
  const { node, registry } = run;
  const own = await node.builder.exists?.(request);
  if (own) return { existence: own, answeredBy: "builder" };
  if (run.destination === "local") {
    const detail = `${node.builder.name} keeps no images here`;
    return { existence: { verdict: "unknown", reason: "no-local-store", detail }, answeredBy: "nobody" };
  }
  if (!registry)
    return { existence: { verdict: "unknown", reason: "no-registry-client" }, answeredBy: "nobody" };
  const { plan, reference } = node.image;
  const existence = await registry.exists(reference, { platforms: plan.platforms, ...registryQuery(run) });
  return { existence, answeredBy: "registry" };
}

function memo<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function askPermission(run: NodeRun): Promise<PushPermission | undefined> {
  const { registry, node, destination } = run;
  if (destination === "local" || !registry || node.builder.remote) return undefined;
  return registry.checkPush(repositoryOf(node.image.plan.destination), registryQuery(run));
}

function checkPermission(run: NodeRun, permission: PushPermission | undefined): void {
  const image = run.node.image.reference;
  if (permission?.verdict === "denied") {
    throw new ImageSpecError(permission.code, permission.message, { image, hint: permission.hint });
  }
  if (permission?.verdict === "unknown") {
    const message = `could not find out whether a push would be let in: ${permission.reason}`;
    run.emit({ type: "warning", image, code: "PUSH_PERMISSION_UNKNOWN", message, hint: permission.hint });
  }
}

function identityOf(existence: Existence, reference: string): BuildResult {
  const image = existence.verdict === "present" ? existence.image : { reference };
  return { ...image, warnings: [] as readonly Issue[] };
}

/** A builder that stands for another image, as noop does, has nothing to build, forced or not. */
async function standIn(run: NodeRun, request: BuildRequest<unknown>): Promise<NodeResult | undefined> {
  const own = await run.node.builder.exists?.(request);
  const isOther = own?.verdict === "present" && own.image.reference !== request.reference;
  return isOther ? { status: "present", image: identityOf(own, request.reference) } : undefined;
}

async function runRequest(run: NodeRun, request: BuildRequest<unknown>): Promise<NodeResult> {
  const image = run.node.image.reference;
  refuseCopiedSecrets(Object.values(run.secrets), run.node.image);
  const permission = memo(() => askPermission(run));
  const other = run.force ? await standIn(run, request) : undefined;
  if (other) return other;
  if (!run.force) {
    const { existence } = await askExistence(run, request);
    const detail = existence.verdict === "unknown" ? existence.reason : undefined;
    run.emit({ type: "existence", image, verdict: existence.verdict, detail });
    const decision = await decide({ reference: image, existence, policy: run.ifUnknown, permission });
    if (decision.action === "present") return { status: "present", image: identityOf(existence, image) };
    if (decision.action === "skip") return { status: "skipped", image: identityOf(existence, image) };
  }
  checkPermission(run, await permission());
  if (run.signal.aborted) throw abortedError(image);
  run.emit({
    type: "build-start",
    image,
    time: Date.now(),
    builder: run.node.builder.name,
    forced: run.force,
  });
  const bases = await inspectBase(run, request.plan);
  const result = await run.node.builder.build({ ...request, bases });
  return { status: "built", image: await verifyResult({ ...run, query: registryQuery(run) }, result) };
}

function lend(run: NodeRun): LentServices {
  const { image, builder } = run.node;
  return lendServices({ ...run, image, includesBase: builder.includesBase?.(image.plan) === true });
}

/**
 * One image, from the question whether it is there to the proof that it is. What the builder was lent is taken back
 * however it ends.
 */
export async function runNode(run: NodeRun): Promise<NodeResult> {
  const lent = lend(run);
  try {
    return await runRequest(run, requestOf(run, lent.services));
  } finally {
    await lent.dispose();
  }
}

/** Only the question whether it is there. What a builder throws while asked is an answer that says nothing. */
export async function askNode(run: NodeRun): Promise<Answer> {
  const { node, redactor, signal } = run;
  const lent = lend(run);
  try {
    return await askExistence(run, requestOf(run, lent.services));
  } catch (error) {
    if (signal.aborted) throw abortedError(node.image.reference);
    const { code, message, details } = asImageSpecError(error, redactor, node.image.reference);
    const existence = { verdict: "unknown", reason: code, detail: message, hint: details.hint } as const;
    return { existence, answeredBy: node.builder.exists ? "builder" : "registry" };
  } finally {
    await lent.dispose();
  }
}
