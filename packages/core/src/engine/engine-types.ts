import type { EmittedFile, Existence, ImageConfig, StreamedFile } from "../builder/builder.ts";
import type { BuilderRegistry } from "../builder/builder-registry.ts";
import type { ImageLock } from "../lock/image-lock.ts";
import type { ResolvedImage } from "../plan/resolved-image.ts";
import type { ImageSpec } from "../spec/image-spec.ts";
import type { SecretSource } from "./build-services.ts";
import type { BuildEvent } from "./events.ts";
import type { UnknownPolicy } from "./existence-policy.ts";
import type { ImageOutcome, NamedSpec, PlannedImage } from "./image-outcome.ts";
import type { RegistryService } from "./registry-service.ts";

/** What an engine is made of; it is used for any number of runs. */
export type EngineOptions = Readonly<{
  builders: BuilderRegistry;
  /** Without one nothing is asked of registries, and what they hold is unknown. */
  registry?: RegistryService | undefined;
  /** Fields laid under every spec. */
  defaults?: ImageSpec | undefined;
  /** The project's lock, as `readLock` gives it: what it holds is taken by digest, and what it lacks is warned of. */
  lock?: ImageLock | undefined;
  /** What paths are relative to. Default: the working directory of the process. */
  cwd?: string | undefined;
  /** This machine's platform. Default: as it is. */
  hostPlatform?: string | undefined;
}>;

/** What every run of an engine can be told. */
export type RunOptions = Readonly<{
  signal?: AbortSignal | undefined;
  /** False: into the local engine's store, registry or not. Default true. */
  push?: boolean | undefined;
  secrets?: Readonly<Record<string, SecretSource>> | undefined;
  onEvent?: ((event: BuildEvent) => void) | undefined;
}>;

/** How a build goes about what is there, what fails and what cannot be known. */
export type BuildOptions = RunOptions &
  Readonly<{
    /** Build whether it is there or not. */
    force?: boolean | undefined;
    /** Default: the first failure cancels the rest. */
    keepGoing?: boolean | undefined;
    /** Default: `error`. */
    ifUnknown?: UnknownPolicy | undefined;
    /** Images at a time. Default 4. */
    concurrency?: number | undefined;
  }>;

/** A spec alone, or with the name it gets when it has none. */
export type SpecInput = ImageSpec | NamedSpec;

/**
 * One way from specs to images. It holds no state but what its registry client and its file digests remember.
 * Methods reject with `ImageSpecError` alone.
 */
export type ImageEngine = Readonly<{
  /** Plans and tags: reads files, asks no network. */
  resolve(specs: readonly SpecInput[], signal?: AbortSignal): Promise<readonly ResolvedImage[]>;
  /** What a build would do, nested bases included, each image once, bases first. */
  plan(specs: readonly SpecInput[], options?: RunOptions): Promise<readonly PlannedImage[]>;
  /** Whether the image of each spec is there. */
  exists(specs: readonly SpecInput[], options?: RunOptions): Promise<readonly Existence[]>;
  /**
   * Makes every image be there: bases first, equal ones once. The outcomes are in the order of the specs; failures
   * are outcomes. Rejects for what is wrong before anything starts: a wrong spec, a refusal, no builder.
   */
  build(specs: readonly SpecInput[], options?: BuildOptions): Promise<readonly ImageOutcome[]>;
  /** The files that the builder would be sent beside the context. */
  emit(spec: SpecInput, options?: EmitOptions): Promise<EmittedImage>;
}>;

/** For whom and with what knowledge of the bases files are emitted. */
export type EmitOptions = Readonly<{
  /** The builder that emits. Default: the spec's. */
  builder?: string | undefined;
  /** Configs of base images, by reference; what is not known is left to the builder's defaults. */
  bases?: ReadonlyMap<string, ImageConfig> | undefined;
  signal?: AbortSignal | undefined;
}>;

/** What a builder would be sent, and for which image. */
export type EmittedImage = Readonly<{
  image: ResolvedImage;
  builder: string;
  files: readonly EmittedFile[];
  /** As which files the builder is sent the context; absent: as the folder that it is. */
  context?: readonly StreamedFile[] | undefined;
}>;
