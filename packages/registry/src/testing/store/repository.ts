import { ProtocolError } from "../http/protocol-error.ts";
import { requireDigest, verifyDigest } from "./digest.ts";
import { type ManifestDocument, readManifest } from "./manifest-document.ts";
import type { Upload } from "./upload.ts";

export type StoredManifest = ManifestDocument & Readonly<{ digest: string; bytes: Uint8Array }>;

export type RepositoryRules = Readonly<{ immutableTags: boolean; sparseManifests: boolean }>;

/** One repository's content, all of it in memory. */
export class Repository {
  readonly blobs: Map<string, Uint8Array> = new Map();
  readonly manifests: Map<string, StoredManifest> = new Map();
  readonly tags: Map<string, string> = new Map();
  readonly uploads: Map<string, Upload> = new Map();
  readonly #rules: RepositoryRules;
  #hadManifest = false;

  constructor(rules: RepositoryRules) {
    this.#rules = rules;
  }

  /** Whether anything but an upload was ever in it. */
  get isListed(): boolean {
    return this.hadManifest || this.blobs.size > 0;
  }

  /** True from the first manifest on, also when it is deleted later. */
  get hadManifest(): boolean {
    return this.#hadManifest;
  }

  findManifest(reference: string): StoredManifest | undefined {
    return this.manifests.get(this.tags.get(reference) ?? reference);
  }

  /**
   * Stores a manifest byte by byte as it is and points the tags at it.
   *
   * @throws ProtocolError DIGEST_INVALID, MANIFEST_INVALID, MANIFEST_BLOB_UNKNOWN, TAG_INVALID (a tag that must not move)
   */
  putManifest(
    push: Readonly<{ bytes: Uint8Array; mediaType: string; digest: string; tags: readonly string[] }>,
  ): StoredManifest {
    verifyDigest(push.bytes, requireDigest(push.digest));
    const document = readManifest(push.bytes, push.mediaType);
    this.#requireContent(document);
    for (const tag of push.tags) this.#requireMovable(tag, push.digest);
    const manifest = { ...document, digest: push.digest, bytes: push.bytes };
    this.manifests.set(push.digest, manifest);
    for (const tag of push.tags) this.tags.set(tag, push.digest);
    this.#hadManifest = true;
    return manifest;
  }

  /** Removes a manifest and every tag that points at it; false when it is not there. */
  deleteManifest(digest: string): boolean {
    for (const [tag, target] of this.tags) if (target === digest) this.tags.delete(tag);
    return this.manifests.delete(digest);
  }

  #requireContent({ blobs, manifests }: ManifestDocument): void {
    const missing = [
      ...blobs.filter((digest) => !this.blobs.has(digest)),
      ...(this.#rules.sparseManifests ? [] : manifests.filter((digest) => !this.manifests.has(digest))),
    ];
    if (missing.length > 0) throw new ProtocolError("MANIFEST_BLOB_UNKNOWN", { detail: missing });
  }

  #requireMovable(tag: string, digest: string): void {
    const current = this.tags.get(tag);
    if (!this.#rules.immutableTags || current === undefined || current === digest) return;
    throw new ProtocolError("TAG_INVALID", { message: `the tag ${tag} exists and is immutable` });
  }
}
