import { ImageSpecError } from "@imagespec/core";
import { type Authority, createAuthority } from "./auth/authority.ts";
import type { Tokens } from "./auth/tokens.ts";
import type { RegistrySettings } from "./endpoints/service.ts";
import type { FaultRule } from "./faults/fault.ts";
import { FaultRules } from "./faults/fault-rules.ts";
import { listen, prepareServer } from "./listen.ts";
import type { RegistryOptions } from "./options.ts";
import { RequestLog } from "./request-log.ts";
import { serve } from "./serve.ts";
import { digestOf } from "./store/digest.ts";
import { RepositoryStore } from "./store/repository-store.ts";
import type { ManifestPush, TestRegistry } from "./test-registry.ts";

const MEBIBYTE = 1_048_576;

type Parts = Readonly<{ authority: Authority; faults: FaultRules; log: RequestLog; store: RepositoryStore }>;

/**
 * Starts a container registry on loopback that keeps everything in memory: the OCI distribution specification 1.1 over
 * real HTTP, for tests and demonstrations. Everything that it holds goes with {@link TestRegistry.close}.
 *
 * @throws ImageSpecError REGISTRY_OPTION_INVALID, REGISTRY_PORT_UNAVAILABLE
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const parts = createParts(options);
  for (const rule of options.faults ?? []) addFault(parts, rule);
  const service = { store: parts.store, settings: settingsOf(options) };
  const { server, certificateAuthority } = prepareServer(options.tls, serve({ ...parts, service }));
  const { host, port, close } = await listen(server, options);
  const closeAll = async (): Promise<void> => {
    parts.faults.clear();
    await close();
  };
  return {
    ...controls(parts),
    ...content(parts.store),
    url: `${options.tls ? "https" : "http"}://${host}`,
    host,
    port,
    certificateAuthority,
    tokenCertificate: parts.authority.tokenCertificate,
    requests: parts.log.requests,
    close: closeAll,
    [Symbol.asyncDispose]: closeAll,
  };
}

function createParts(options: RegistryOptions): Parts {
  const { immutableTags = false, sparseManifests = false } = options;
  return {
    authority: createAuthority(options.auth ?? { kind: "none" }, options.now ?? Date.now),
    faults: new FaultRules(),
    log: new RequestLog(options.keepAuthorization ?? false),
    store: new RepositoryStore({ immutableTags, sparseManifests }),
  };
}

function settingsOf(options: RegistryOptions): RegistrySettings {
  return {
    deletes: options.deletes ?? true,
    maxBlobBytes: options.maxBlobBytes ?? 2048 * MEBIBYTE,
    maxManifestBytes: options.maxManifestBytes ?? 4 * MEBIBYTE,
    pageSize: options.pageSize ?? 1000,
    referrers: options.referrers ?? true,
    relativeLocations: options.relativeLocations ?? false,
    strictAccept: options.strictAccept ?? false,
  };
}

type Controls = Pick<
  TestRegistry,
  "addFault" | "clearFaults" | "clearRequests" | "issueToken" | "revokeTokens"
>;

function controls(parts: Parts): Controls {
  return {
    addFault: (rule) => addFault(parts, rule),
    clearFaults: () => parts.faults.clear(),
    clearRequests: () => parts.log.clear(),
    issueToken: (grant) => requireTokens(parts).issue(grant).token,
    revokeTokens: () => requireTokens(parts).revoke(),
  };
}

function addFault(parts: Parts, rule: FaultRule): ReturnType<TestRegistry["addFault"]> {
  if (rule.fault.kind === "expired-token") requireTokens(parts);
  return parts.faults.add(rule);
}

function requireTokens({ authority }: Parts): Tokens {
  if (authority.tokens !== undefined) return authority.tokens;
  throw new ImageSpecError("REGISTRY_OPTION_INVALID", "the test registry gives out no tokens", {
    hint: 'Start it with auth: { kind: "bearer", … }.',
  });
}

type Content = Pick<TestRegistry, "blob" | "manifest" | "putBlob" | "putManifest" | "tags">;

function content(store: RepositoryStore): Content {
  return {
    blob: (name, digest) => store.find(name)?.blobs.get(digest),
    manifest: (name, reference) => store.find(name)?.findManifest(reference)?.bytes,
    tags: (name) => [...(store.find(name)?.tags.keys() ?? [])].sort(),
    putBlob: (name, blob) => {
      const digest = digestOf(blob);
      store.open(name).blobs.set(digest, Buffer.from(blob));
      return digest;
    },
    putManifest: (name, push) => putManifest(store, name, push),
  };
}

function putManifest(store: RepositoryStore, name: string, push: ManifestPush): string {
  const { manifest, tags = [] } = push;
  const bytes = manifest instanceof Uint8Array ? manifest : Buffer.from(JSON.stringify(manifest));
  const mediaType = push.mediaType ?? String(JSON.parse(Buffer.from(bytes).toString()).mediaType);
  return store.open(name).putManifest({ bytes, mediaType, digest: digestOf(bytes), tags }).digest;
}
