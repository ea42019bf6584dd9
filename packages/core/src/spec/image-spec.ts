/** A path to copy; `to` defaults to the same path below the work directory. */
export type CopyEntry = string | Readonly<{ from: string; to?: string | undefined }>;

/** How much of `sourceRoot` goes into the image. */
export type SourceCopyMode = "none" | "all" | "auto";

/**
 * What a person writes. Fields follow flytekit's `ImageSpec`. Paths are relative to the working directory. Every field
 * is optional; an empty list or record means the same as none.
 */
export type ImageSpec = Readonly<{
  /** Repository name; lower-cased. Default: the spec's key in its file, else `imagespec`. */
  name?: string | undefined;
  /** Prefix to push to: `ghcr.io/org`. Absent or "": the local engine's store. */
  registry?: string | undefined;
  /** Key of a registered builder. */
  builder?: string | undefined;
  /** A reference, or a spec that is built first. */
  baseImage?: string | ImageSpec | undefined;
  /** `"3.12"`. */
  pythonVersion?: string | undefined;
  /** requirements.txt, uv.lock, poetry.lock or pyproject.toml. */
  requirements?: string | undefined;
  /** PEP 508, added to requirements.txt; not beside a lock. */
  packages?: readonly string[] | undefined;
  condaPackages?: readonly string[] | undefined;
  /** Earlier channels win. */
  condaChannels?: readonly string[] | undefined;
  aptPackages?: readonly string[] | undefined;
  /** Literal values: `$` is not expanded. `PATH` replaces the base's. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Put in front of PATH. */
  extraPath?: readonly string[] | undefined;
  /** Run in the build in one shell, as root, in the work directory; the first failure ends it. */
  commands?: readonly string[] | undefined;
  copy?: readonly CopyEntry[] | undefined;
  /** Source tree that goes into the work directory. */
  sourceRoot?: string | undefined;
  /** Default `all`. */
  sourceCopyMode?: SourceCopyMode | undefined;
  /** Modules or Python files below `sourceRoot` from which `auto` starts. */
  sourceEntry?: string | readonly string[] | undefined;
  /** Default `/root`. */
  workDirectory?: string | undefined;
  /** The exec form; `[]` clears the base's. */
  entrypoint?: readonly string[] | undefined;
  /** `linux/amd64`, or several. */
  platform?: string | readonly string[] | undefined;
  cuda?: string | undefined;
  cudnn?: string | undefined;
  pipIndex?: string | undefined;
  pipExtraIndexUrl?: string | readonly string[] | undefined;
  /** Split as a shell would, when it is one string. */
  pipExtraArgs?: string | readonly string[] | undefined;
  /** `[source, target]`: a secret's file or id, and the path or variable under which the install step sees it. */
  pipSecretMounts?: readonly (readonly [string, string])[] | undefined;
  /** A credentials file in docker's format. */
  registryConfig?: string | undefined;
  /** Install into this interpreter's environment. */
  pythonExec?: string | undefined;
  /** For launchers; not in the image. */
  runtimePackages?: readonly string[] | undefined;
  /** `"{hash}-dev"`. */
  tagFormat?: string | undefined;
  /** Install the project that a lock or pyproject.toml describes. Default false. */
  installProject?: boolean | undefined;
  labels?: Readonly<Record<string, string>> | undefined;
  /** By builder; checked by that builder. */
  builderOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}>;
