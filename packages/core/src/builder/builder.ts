import type { ContextEntry } from "../context/context-entry.ts";
import type { BuildEvent } from "../engine/events.ts";
import type { BuildPlan } from "../plan/build-plan.ts";

/** What a builder may support. Open: a missing key means unsupported, so an old builder refuses what a newer core asks. */
export type Feature =
  | "apt"
  | "pip"
  | "lockfile"
  | "installProject"
  | "conda"
  | "cuda"
  | "files"
  | "commands"
  | "entrypoint"
  | "labels"
  | "secrets"
  | "pythonExec"
  | "registryConfig"
  | "multiPlatform"
  | "localStore"
  | (string & {});

/** `reason` says why a feature that the builder knows is not supported. */
export type Capabilities = Readonly<Partial<Record<Feature, true | Readonly<{ reason: string }>>>>;

/** `digest`: of the manifest or index; absent while the image is only in an engine's store (`localId`). */
export type ImageIdentity = Readonly<{
  reference: string;
  digest?: string | undefined;
  mediaType?: string | undefined;
  localId?: string | undefined;
  platforms?: readonly Readonly<{ platform: string; digest?: string | undefined }>[] | undefined;
}>;

/** Is the image there? `unknown` is neither yes nor no; `reason` starts with a stable code (`auth-required-or-absent`). */
export type Existence = Readonly<
  | {
      verdict: "present";
      image: ImageIdentity;
      credentialSource?: string | undefined;
      /** The host of the mirror that has it, where it was not the registry itself that answered. */
      mirror?: string | undefined;
    }
  | {
      verdict: "absent";
      missingPlatforms?: readonly string[] | undefined;
      detail?: string | undefined;
      credentialSource?: string | undefined;
    }
  | {
      verdict: "unknown";
      reason: string;
      detail?: string | undefined;
      hint?: string | undefined;
      credentialSource?: string | undefined;
    }
>;

/**
 * Whether a builder can work on this machine now. `capabilities` narrows those of the builder for the tool that was
 * found; `reason` says what is missing, `hint` what installs or starts it.
 */
export type Availability = Readonly<
  | { available: true; version: string; detail?: string | undefined; capabilities?: Capabilities | undefined }
  | { available: false; reason: string; hint: string }
>;

/** Something about a plan to refuse (`error`) or to tell people (`warning`). `field` is a path in the spec. */
export type Issue = Readonly<{
  code: string;
  severity: "error" | "warning";
  message: string;
  field?: string | undefined;
  hint?: string | undefined;
}>;

/**
 * A file for the builder, at a path below the context. `mode` is 0o644 unless given; `text` says the same as a
 * `content` of bytes, for people.
 */
export type EmittedFile = Readonly<{
  path: string;
  content: string | Uint8Array;
  mode?: number | undefined;
  text?: string | undefined;
}>;

/** A file whose bytes are made as they are read. */
export type StreamedFile = Readonly<{ path: string; content: () => AsyncIterable<Uint8Array> }>;

/** Structural Standard Schema v1: zod 4 schemas fit without an import. */
export type OptionsSchema<O> = Readonly<{
  "~standard": Readonly<{
    version: 1;
    vendor: string;
    validate: (value: unknown) => unknown;
    types?: Readonly<{ input: unknown; output: O }> | undefined;
  }>;
}>;

/** Extended by builders: `declare module "@imagespec/core/builder" { interface BuilderOptionsMap { docker: … } }`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by module augmentation
export interface BuilderOptionsMap {}

/** The part of a base image's config that decides how a builder goes on. Field names follow the OCI image spec. */
export type ImageConfig = Readonly<{
  user?: string | undefined;
  env: Readonly<Record<string, string>>;
  workingDir?: string | undefined;
  entrypoint?: readonly string[] | undefined;
  cmd?: readonly string[] | undefined;
  labels: Readonly<Record<string, string>>;
  architecture?: string | undefined;
  os?: string | undefined;
}>;

/**
 * Pure input. `bases`: configs by reference; lacks what was not inspected, as offline. `pins`: digests of images that the
 * project has locked, by canonical reference, for those that a builder takes besides the base, whose own stands in the
 * plan.
 */
export type PlanInput<O> = Readonly<{
  plan: BuildPlan;
  options: O;
  bases: ReadonlyMap<string, ImageConfig>;
  pins?: ReadonlyMap<string, string> | undefined;
}>;

/** An image that a build takes something from, and the field of the spec that names it, or because of which it does. */
export type HelperImage = Readonly<{ name: string; field: string }>;

/** What a build takes besides the base: images, and tools at the versions that the builder has settled on. */
export type BuilderHelpers = Readonly<{
  images?: readonly HelperImage[] | undefined;
  tools?: Readonly<Record<string, string>> | undefined;
}>;

/** For one registry host. `token` is a bearer token used as it is (`registrytoken`). */
export type Credential = Readonly<
  | { kind: "basic"; username: string; password: string; source: string }
  | { kind: "identityToken"; token: string; source: string }
  | { kind: "token"; token: string; source: string }
>;

/** Lent by the engine, so that no builder imports the registry client or walks files. */
export type BuildServices = Readonly<{
  /** For a repository such as `ghcr.io/org/app`; undefined: anonymous. */
  credentials(repository: string, access: "pull" | "push"): Promise<Credential | undefined>;
  inspect(reference: string): Promise<Existence>;
  /** The bytes of a secret. Throws `SECRET_NOT_FOUND`. */
  secret(id: string): Promise<Uint8Array>;
  context(): AsyncIterable<ContextEntry>;
  /** A private folder, removed when the build ends, however it ends. */
  temporaryDirectory(): Promise<string>;
  emit(event: BuildEvent): void;
}>;

/**
 * One image to build. `reference` is the canonical name to push or tag; `force` builds and pushes over what is there;
 * `signal` ends the build, after which nothing of it may be left running.
 */
export type BuildRequest<O> = PlanInput<O> &
  Readonly<{
    reference: string;
    destination: "registry" | "local";
    force: boolean;
    services: BuildServices;
    signal: AbortSignal;
  }>;

/** What came out, by the name that counts from then on. `metadata` is for `--metadata-file`. */
export type BuildResult = ImageIdentity &
  Readonly<{ warnings: readonly Issue[]; metadata?: Readonly<Record<string, unknown>> | undefined }>;

/**
 * Interface version 1. A plain object: no base class, nothing recognised by identity. `check` and `emit` are pure;
 * only `probe`, `exists` and `build` touch processes, sockets and engines.
 */
export type Builder<O = unknown> = Readonly<{
  interfaceVersion: 1;
  name: string;
  /** Static upper bound; `probe` may narrow it for the tool at hand. */
  capabilities: Capabilities;
  optionsSchema?: OptionsSchema<O> | undefined;
  /** `build` is to be given the base's config in `bases`, where a registry has it. */
  inspectsBase?: true | undefined;
  /**
   * It builds and pushes elsewhere, with credentials that are stored there: nothing is asked about this machine's
   * right to push, and an image that this machine may not look at counts as built.
   */
  remote?: true | undefined;
  /**
   * True where `build` makes the base's own steps too, so that the base is not built first. `context` then holds the
   * base's files as well, below `base/`.
   */
  includesBase?(plan: BuildPlan): boolean;
  /** The part of the options that can change the image; enters the fingerprint. Default: all. */
  fingerprintOptions?(options: O): unknown;
  /** For locks. An image of it that `pins` names is taken by its digest. Default: nothing. */
  helpers?(input: PlanInput<O>): BuilderHelpers;
  probe(options: O, signal: AbortSignal): Promise<Availability>;
  /** Refusals that depend on the plan's content; every one, not the first. */
  check?(input: PlanInput<O>): readonly Issue[];
  /** What `build` sends, for the same input. */
  emit?(input: PlanInput<O>): readonly EmittedFile[];
  /** The file as which `build` sends the context, in place of a folder; undefined: it sends none. */
  packContext?(input: PlanInput<O>, entries: () => AsyncIterable<ContextEntry>): StreamedFile | undefined;
  /** Only for a store of the builder's own; undefined means "ask the registry". */
  exists?(request: BuildRequest<O>): Promise<Existence | undefined>;
  /** Resolves once the image is there under the reference that it returns; rejects otherwise, on abort too. */
  build(request: BuildRequest<O>): Promise<BuildResult>;
}>;

/** The default export of `imagespec-builder-<name>`. */
export type BuilderFactory<O = unknown> = (defaults?: Partial<O>) => Builder<O>;
