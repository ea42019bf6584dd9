import type { TokenGrant } from "./auth/tokens.ts";
import type { FaultHandle, FaultRule } from "./faults/fault.ts";
import type { RecordedRequest } from "./recorded-request.ts";

/** A manifest to store, and under which tags. */
export type ManifestPush = Readonly<{
  /** The bytes, or what they are the JSON of. */
  manifest: Uint8Array | Readonly<Record<string, unknown>>;
  /** Default: the manifest's own `mediaType`. */
  mediaType?: string;
  /** Default: none; the manifest is then found by its digest alone. */
  tags?: readonly string[];
}>;

/** A registry that is running. */
export type TestRegistry = Readonly<{
  /** As `http://127.0.0.1:40123`. */
  url: string;
  /** As `127.0.0.1:40123`: how image references start. */
  host: string;
  port: number;
  /** PEM of the private authority that vouches for the registry, where one was made for it. */
  certificateAuthority: string | undefined;
  /** PEM of what signed tokens are verified with. */
  tokenCertificate: string | undefined;
  /** Every request so far, oldest first; the list grows in place. */
  requests: readonly RecordedRequest[];
  clearRequests(): void;
  addFault(rule: FaultRule): FaultHandle;
  clearFaults(): void;
  /** A token of the registry's own, without a login. @throws ImageSpecError without bearer authentication */
  issueToken(grant: TokenGrant): string;
  /** Ends every token given out so far. */
  revokeTokens(): void;
  /** Stores a blob without a request and returns its digest. */
  putBlob(repository: string, content: Uint8Array | string): string;
  /** Stores a manifest without a request, by the same rules as a push, and returns its digest. */
  putManifest(repository: string, push: ManifestPush): string;
  /** What is stored there: a blob's bytes. */
  blob(repository: string, digest: string): Uint8Array | undefined;
  /** What is stored there: a manifest's bytes, by tag or digest. */
  manifest(repository: string, reference: string): Uint8Array | undefined;
  tags(repository: string): readonly string[];
  /** Ends every connection, delayed request and endless body. Can be called again. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}>;
