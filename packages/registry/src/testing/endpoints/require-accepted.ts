import { ProtocolError } from "../http/protocol-error.ts";
import type { RegistryRequest } from "../http/registry-request.ts";

/**
 * Refuses as docker's registry before version 3 does, for which neither a missing Accept nor a wildcard covers an OCI
 * type.
 *
 * @throws ProtocolError MANIFEST_UNKNOWN when Accept does not name an OCI type
 */
export function requireAccepted({ headers }: RegistryRequest, mediaType: string): void {
  if (!mediaType.startsWith("application/vnd.oci.")) return;
  const accepted = (headers.accept ?? "").split(",").map((item) => item.split(";", 1)[0]?.trim());
  if (accepted.includes(mediaType)) return;
  const [singular, plural] = mediaType.includes("index") ? ["index", "indexes"] : ["manifest", "manifests"];
  throw new ProtocolError("MANIFEST_UNKNOWN", {
    message: `OCI ${singular} found, but accept header does not support OCI ${plural}`,
  });
}
