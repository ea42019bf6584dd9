export {
  type AnyBuilder,
  BuilderRegistry,
  builderPackage,
  ownBuilders,
  type Registration,
} from "./builder/builder-registry.ts";
export { askAvailability } from "./builder/guard-builder.ts";
export { noop } from "./builder/noop-builder.ts";
export { isLine, type OptionCheck, optionsSchema, unknownOption } from "./builder/options-schema.ts";
export * from "./builder.ts";
export { cacheDirectory } from "./context/cache-directory.ts";
export { type ContextOptions, contextEntries, orderEntries } from "./context/context-entries.ts";
export { contextTime, type PackOptions, packContext } from "./context/pack-context.ts";
export { ReadPool } from "./context/read-pool.ts";
export { writeContext } from "./context/write-context.ts";
export {
  followPush,
  type PushOrder,
  type PushResult,
} from "./docker-api/follow-push.ts";
export { errorOf, type JsonObject, readJsonLines, textOf } from "./docker-api/json-lines.ts";
export { engineLogin, loginServer } from "./docker-api/registry-login.ts";
export { type Refusal, Refusals, throwIfRefused } from "./emission/refusals.ts";
export { isCarriable, quoteShell } from "./emission/text-rules.ts";
export { type StepWriters, writeSteps } from "./emission/write-steps.ts";
export type { SecretSource } from "./engine/build-services.ts";
export type {
  BuildOptions,
  EmitOptions,
  EmittedImage,
  EngineOptions,
  ImageEngine,
  RunOptions,
  SpecInput,
} from "./engine/engine-types.ts";
export type { UnknownPolicy } from "./engine/existence-policy.ts";
export { createEngine } from "./engine/image-engine.ts";
export type { ImageOutcome, NamedSpec, PlannedImage } from "./engine/image-outcome.ts";
export { asImageSpecError } from "./engine/redact-error.ts";
export { Redactor } from "./engine/redactor.ts";
export {
  type ErrorDetails,
  type ErrorIssue,
  type FailedStep,
  ImageSpecError,
} from "./errors/image-spec-error.ts";
export { comparePlans } from "./explain/compare-plans.ts";
export { explainPlan } from "./explain/explain-plan.ts";
export { parsePlanLabel, parsePlanRecord } from "./explain/parse-plan.ts";
export type { PlanDifference } from "./explain/plan-difference.ts";
export {
  type PlanNames,
  type PlanRecord,
  recordImage,
  recordPlan,
  type TreeName,
} from "./explain/plan-record.ts";
export type { TagInput } from "./explain/tag-input.ts";
export { baseImageFailure } from "./faults/base-image-failure.ts";
export { type Pusher, type PushFailure, pushFailure } from "./faults/push-failure.ts";
export { cacheFile, replaceFile } from "./files/replace-file.ts";
export { lockError, lockFaults, requireLock, unusedEntries } from "./lock/check-lock.ts";
export {
  emptyLock,
  formatLock,
  type ImageLock,
  type LockedImage,
  type LockedTools,
  lockFileName,
} from "./lock/image-lock.ts";
export { type LockNeeds, lockNeeds, type NeededImage } from "./lock/lock-needs.ts";
export { type Asking, findDrift, makeLock, mergeLocks } from "./lock/make-lock.ts";
export { parseLock } from "./lock/parse-lock.ts";
export { readLock } from "./lock/read-lock.ts";
export { unlockedBases } from "./lock/unlocked-bases.ts";
export { writeLock } from "./lock/write-lock.ts";
export { baseReference } from "./plan/base-reference.ts";
export { findStep } from "./plan/build-plan.ts";
export { base32, canonicalPlan, fingerprint, shortHash } from "./plan/fingerprint.ts";
export { planReference } from "./plan/plan-reference.ts";
export { type ResolveOptions, resolveImage, resolvePlan } from "./plan/resolve-plan.ts";
export type { ContextSource, ResolvedImage } from "./plan/resolved-image.ts";
export { isContainer, specId } from "./plan/spec-id.ts";
export { exactReference } from "./reference/exact-reference.ts";
export {
  formatImageReference,
  type ImageReference,
  parseImageReference,
  type ReferenceStyle,
} from "./reference/image-reference.ts";
export {
  formatPlatform,
  isSamePlatform,
  normalizePlatform,
  type Platform,
  parsePlatform,
  platformOf,
} from "./reference/platform.ts";
export {
  DOCKER_HUB,
  isDigest,
  isHost,
  isLoopbackHost,
  isPathComponent,
  isTag,
  MAX_REPOSITORY_LENGTH,
  normalizeHost,
} from "./reference/reference-grammar.ts";
export { parseRegistryPrefix, type RegistryPrefix } from "./reference/registry-prefix.ts";
export { applyDefaults } from "./spec/apply-defaults.ts";
export { defineImage } from "./spec/define-image.ts";
export {
  withAptPackages,
  withBuilderOptions,
  withCommands,
  withCopy,
  withEnv,
  withPackages,
  withRuntimePackages,
} from "./spec/derive-image.ts";
export { type EnvironmentOptions, fromEnvironment } from "./spec/from-environment.ts";
export type { CopyEntry, ImageSpec, SourceCopyMode } from "./spec/image-spec.ts";
export { imageSpecFields } from "./spec/image-spec-schema.ts";
export { parseImageSpec } from "./spec/parse-image-spec.ts";
export { isRecord, nearestName } from "./spec/spec-spelling.ts";
