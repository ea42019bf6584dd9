import type { Issue } from "../builder/builder.ts";
import type { FileIdentity } from "../context/file-identity.ts";
import type { BuildPlan } from "./build-plan.ts";

/** Where the bytes of a context path come from. */
export type ContextSource = Readonly<
  { file: string; identity?: FileIdentity | undefined } | { text: string }
>;

/** A plan and what stays on this machine: where its files lie and the secrets that were taken out of it. */
export type ResolvedImage = Readonly<{
  plan: BuildPlan;
  /** 26 characters. */
  fingerprint: string;
  /** `ghcr.io/org/name:tag`, or `name:tag`. */
  reference: string;
  /** The resolved base, when that is a spec. */
  base?: ResolvedImage | undefined;
  /** Bytes of the files of the context, by their path in it. */
  sources: ReadonlyMap<string, ContextSource>;
  /** Values of secrets that the spec itself held, by id. */
  secrets: ReadonlyMap<string, Uint8Array>;
  /** Credentials file that the spec names, absolute. */
  registryConfig?: string | undefined;
  /** What the paths of the spec are relative to, absolute. */
  directory: string;
  /** Options of builders, as the spec gives them. */
  options: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Digests by canonical reference, of the project's lock. */
  pins?: ReadonlyMap<string, string> | undefined;
  /** What keeps the image from being built as it is; never from having a tag. */
  issues: readonly Issue[];
}>;
