import type { Credential, Existence, ImageConfig, ImageIdentity } from "../builder/builder.ts";

/** How one question is asked. */
export type RegistryQuery = Readonly<{
  /** A credentials file in docker's format that is asked before the machine's own (`registryConfig` of a spec). */
  registryConfig?: string | undefined;
  /** Plain http is allowed for this host (written `http://` in the spec). */
  insecure?: boolean | undefined;
  signal?: AbortSignal | undefined;
}>;

/** `platforms` (`linux/amd64`): the image counts as present only with all of them. */
export type ExistenceQuery = RegistryQuery & Readonly<{ platforms?: readonly string[] | undefined }>;

/** Whether a push would be let in. `unknown` says why it could not be told without uploading. */
export type PushPermission = Readonly<
  | { verdict: "allowed"; detail?: string | undefined; credentialSource?: string | undefined }
  | {
      verdict: "denied";
      code: string;
      message: string;
      hint?: string | undefined;
      credentialSource?: string | undefined;
    }
  | { verdict: "unknown"; reason: string; hint?: string | undefined }
>;

/** What was built, as far as its builder knows it. */
export type ExpectedImage = Readonly<{
  digest?: string | undefined;
  mediaType?: string | undefined;
  platforms?: readonly string[] | undefined;
}>;

/** One property of an image in which the registry and what was built disagree. */
export type PushDifference = Readonly<{
  what: "digest" | "mediaType" | "platforms";
  expected: string;
  found: string;
}>;

/** What the registry gives after a push, against what was built. */
export type PushVerification = Readonly<
  | { verdict: "verified"; image: ImageIdentity }
  | { verdict: "different"; differences: readonly PushDifference[] }
  | { verdict: "unknown"; reason: string; detail?: string | undefined; hint?: string | undefined }
>;

/**
 * What the engine asks of container registries. `registryClient()` of `@imagespec/registry` is one; core imports none.
 * No method rejects because of what a registry answers: that is a verdict. They reject on abort.
 */
export type RegistryService = Readonly<{
  /** Without `platforms` one HEAD; with them the manifest and its configs are read as well. */
  exists(reference: string, query?: ExistenceQuery): Promise<Existence>;
  /** The config of the image for that platform; undefined where it is absent or could not be read. */
  imageConfig(reference: string, platform: string, query?: RegistryQuery): Promise<ImageConfig | undefined>;
  /** Credentials for a repository such as `ghcr.io/org/app`; undefined: anonymous. */
  credentials(
    repository: string,
    access: "pull" | "push",
    query?: RegistryQuery,
  ): Promise<Credential | undefined>;
  /** Asked when a build is about to start. Uploads no blob. */
  checkPush(repository: string, query?: RegistryQuery): Promise<PushPermission>;
  /** Asks the registry itself, not its mirrors, what it now has. */
  verifyPush(reference: string, expected: ExpectedImage, query?: RegistryQuery): Promise<PushVerification>;
  /** Forgets positive answers about this reference, as after a push. */
  forget(reference: string): void;
  /** Closes kept connections. */
  close(): Promise<void>;
}>;
