import { type Credential, type ImageReference, ImageSpecError, type RegistryQuery } from "@imagespec/core";
import type { CredentialStore } from "../credentials/credential-store.ts";
import { RegistryFault } from "../registry-fault.ts";

/**
 * The credential for a repository; undefined: anonymous.
 *
 * @throws ImageSpecError `REGISTRY_CREDENTIAL_HELPER_TIMEOUT` where a helper does not answer.
 */
export async function findCredential(
  store: CredentialStore,
  { host, repository }: ImageReference,
  { registryConfig, signal }: RegistryQuery,
): Promise<Credential | undefined> {
  try {
    return (await store.find({ host, repository, registryConfig, signal })).credential;
  } catch (error) {
    if (!(error instanceof RegistryFault)) throw error;
    throw new ImageSpecError("REGISTRY_CREDENTIAL_HELPER_TIMEOUT", error.message, { hint: error.hint });
  }
}
