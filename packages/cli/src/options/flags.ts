import type { SecretSource, UnknownPolicy } from "@imagespec/core";

export type PathsFrom = "cwd" | "spec";
export type ProgressKind = "auto" | "tty" | "plain" | "json" | "quiet";

/** What every command takes. */
export type CommonFlags = Readonly<{
  cwd?: string | undefined;
  config?: string | undefined;
  pathsFrom?: PathsFrom | undefined;
  builder?: string | undefined;
  registry?: string | undefined;
  platform?: string | undefined;
  json?: boolean | undefined;
  debug?: boolean | undefined;
  /** Of the commands that make tags. */
  locked?: boolean | undefined;
}>;

/** What `build` and `plan` take besides. */
export type BuildFlags = CommonFlags &
  Readonly<{
    push?: boolean | undefined;
    force?: boolean | undefined;
    concurrency?: number | undefined;
    keepGoing?: boolean | undefined;
    ifUnknown?: UnknownPolicy | undefined;
    metadataFile?: string | undefined;
    progress?: ProgressKind | undefined;
    secret?: Readonly<Record<string, SecretSource>> | undefined;
  }>;

export type PlanFlags = BuildFlags & Readonly<{ exitCode?: boolean | undefined }>;
export type EmitFlags = CommonFlags & Readonly<{ format?: string | undefined; out?: string | undefined }>;

export type ExplainFlags = CommonFlags & Readonly<{ against?: string | undefined }>;

/** What `lock` takes besides. */
export type LockFlags = CommonFlags & Readonly<{ check?: boolean | undefined; drift?: boolean | undefined }>;

/** What `init` takes. */
export type InitFlags = Pick<CommonFlags, "cwd" | "json" | "debug"> &
  Readonly<{ yaml?: boolean | undefined }>;
