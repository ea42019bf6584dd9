/**
 * The plan: what a builder is given and what is hashed. Immutable and typed; every path of the host is replaced by
 * the digest of what lies there.
 */

/** A file, folder or symlink as it will be in the image. Mode is 0o755 or 0o644 for files, by the owner's x bit. */
export type PlannedFile = Readonly<
  | { type: "file"; path: string; mode: number; size: number; sha256: string }
  | { type: "directory"; path: string }
  | { type: "symlink"; path: string; target: string }
>;

/**
 * One tree that is copied as a unit. `target` is an absolute path of the image; `path` of each file is relative to it
 * (`""` names the target itself). In the build context the tree lies at `context`.
 */
export type PlannedTree = Readonly<{
  target: string;
  context: string;
  files: readonly PlannedFile[];
  /** Where it lies below the working directory, "" for that itself; absent where it lies elsewhere. Not hashed. */
  origin?: string | undefined;
}>;

/** One entry of the copy list, as it was given: what of the working directory goes where. Not hashed. */
export type CopiedPath = Readonly<{
  /** Below the working directory, "" for that itself. */
  from: string;
  /** Absolute path that it has in the image. */
  target: string;
  isDirectory: boolean;
}>;

/** Where the image starts from. `reference` is canonical; for `image` it is the name that is, or will be, built. */
export type BasePlan = Readonly<
  | { kind: "reference"; reference: string; digest?: string | undefined }
  | { kind: "image"; reference: string; plan: BuildPlan }
>;

/** Versions as NVIDIA writes them. */
export type CudaStep = Readonly<{ kind: "cuda"; cuda?: string | undefined; cudnn?: string | undefined }>;
/** Sorted, without repetition. */
export type AptStep = Readonly<{ kind: "apt"; packages: readonly string[] }>;
/** Which Python packages go into. Neither field: the environment that the base runs. */
export type PythonStep = Readonly<{
  kind: "python";
  version?: string | undefined;
  executable?: string | undefined;
}>;
/** Without repetition; packages sorted, channels in the order of their priority. */
export type CondaStep = Readonly<{
  kind: "conda";
  packages: readonly string[];
  channels: readonly string[];
}>;
/** Variables sorted by name. `extraPath` goes in front of PATH, first entry first. */
export type EnvironmentStep = Readonly<{
  kind: "environment";
  variables: Readonly<Record<string, string>>;
  extraPath: readonly string[];
}>;

/** How pip, uv and poetry are to find packages. URLs hold no credentials. */
export type IndexOptions = Readonly<{
  index?: string | undefined;
  extraIndexes: readonly string[];
  /** Split as a shell would. */
  extraArguments: readonly string[];
}>;

/**
 * A secret that the step may read while it runs and that leaves no trace. Never hashed. `id` is what the engine's
 * `secret` service is asked for. `target` is an absolute path of the container, or the name of a variable; a `netrc`
 * has none: the builder mounts it where its tools look (the credentials that were taken out of URLs).
 */
export type SecretMount = Readonly<{ id: string; target: string; kind: "file" | "variable" | "netrc" }>;

/**
 * One requirements file, normalised: comments, blank lines and line endings are gone, includes name the files of
 * `RequirementsStep.files`, credentials are taken out. In the build context it lies at `context`.
 */
export type RequirementsText = Readonly<{
  context: string;
  lines: readonly string[];
  /** As of a tree. */
  origin?: string | undefined;
}>;

/**
 * Packages by `requirements.txt` and by the `packages` list. `files[0]` is the file that the spec names, the others
 * are what it includes; empty when the spec has only `packages`.
 */
export type RequirementsStep = Readonly<{
  kind: "requirements";
  files: readonly RequirementsText[];
  packages: readonly string[];
  /** Local wheels and projects that the files name. */
  local: readonly PlannedTree[];
  index: IndexOptions;
  secrets: readonly SecretMount[];
}>;

/**
 * Packages by a lock or a project file. `project` is the tree that the tool needs: the lock, pyproject.toml, and the
 * trees of workspace members and path dependencies (with `installProject` the project's own too); `root` is the
 * project's folder in it ("" for the tree itself).
 */
export type ProjectStep = Readonly<{
  kind: "project";
  tool: "uv" | "poetry" | "pyproject";
  project: PlannedTree;
  root: string;
  /** What is hashed in place of the bytes of pyproject.toml and the lock: their meaning, by path in `project`. */
  documents: Readonly<Record<string, string>>;
  installProject: boolean;
  index: IndexOptions;
  secrets: readonly SecretMount[];
}>;

/** `source` is sourceRoot's tree, `copy` the trees of the copy list; later copies have replaced earlier ones. */
export type FilesStep = Readonly<{
  kind: "files";
  origin: "source" | "copy";
  trees: readonly PlannedTree[];
  /** What made the trees of `copy`, in order. */
  copies?: readonly CopiedPath[] | undefined;
}>;
/** Run in order in one shell, as root, in the work directory. */
export type CommandsStep = Readonly<{ kind: "commands"; commands: readonly string[] }>;
/** The exec form; `[]` clears the base's. */
export type EntrypointStep = Readonly<{ kind: "entrypoint"; arguments: readonly string[] }>;
/** Sorted by name. */
export type LabelsStep = Readonly<{ kind: "labels"; labels: Readonly<Record<string, string>> }>;

/** The steps this version of core plans, in the order in which a plan holds them. */
export type KnownStep =
  | CudaStep
  | AptStep
  | PythonStep
  | CondaStep
  | EnvironmentStep
  | RequirementsStep
  | ProjectStep
  | FilesStep
  | CommandsStep
  | EntrypointStep
  | LabelsStep;

/** Open: a builder refuses a step whose `kind` it does not know. */
export type PlanStep = KnownStep | Readonly<{ kind: string & {}; [key: string]: unknown }>;

/** What decides the image's name. Not hashed. */
export type ImageDestination = Readonly<{
  name: string;
  /** Canonical prefix, `ghcr.io/org`; absent: the local engine's store. */
  registry?: string | undefined;
  /** The registry was written with `http://`. */
  insecure?: boolean | undefined;
  tagFormat?: string | undefined;
}>;

/**
 * An image, fully decided: every path of a spec is replaced by content digests, every name is canonical. Builders are
 * given this, and the tag is derived from it. Order of `steps` is the order in the image.
 */
export type BuildPlan = Readonly<{
  /** Frozen: changes when the same steps would give another image. */
  recipe: number;
  destination: ImageDestination;
  /** The key of the builder that the spec names. Not hashed. */
  builder?: string | undefined;
  base: BasePlan;
  /** Normalised (`linux/amd64`), sorted. */
  platforms: readonly string[];
  /** Absolute path of the image. */
  workDirectory: string;
  steps: readonly PlanStep[];
  /** What builders declare as reaching the image, by builder; empty in most plans. */
  builderOptions: Readonly<Record<string, unknown>>;
  /** The spec's identity without anything read from a disk; becomes IMAGESPEC_ID. Not hashed. */
  id: string;
}>;

/** The step of that kind, or undefined. A plan holds each kind at most once, `files` once for each origin. */
export function findStep<K extends KnownStep["kind"]>(
  plan: BuildPlan,
  kind: K,
): Extract<KnownStep, { kind: K }> | undefined {
  return plan.steps.find((step) => step.kind === kind) as Extract<KnownStep, { kind: K }> | undefined;
}
