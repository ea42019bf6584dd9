import type { ServerOptions } from "node:https";
import { ImageSpecError } from "@imagespec/core";
import type { TlsOptions } from "../options.ts";
import { createCertificateAuthority } from "./certificate-authority.ts";

export type ServerCredentials = Readonly<{
  options: ServerOptions;
  /** PEM of the authority that was made for the server, where one was. */
  certificateAuthority: string | undefined;
}>;

/**
 * What an https server is started with.
 *
 * @throws ImageSpecError REGISTRY_OPTION_INVALID when only one of certificate and key is there
 */
export function serverCredentials(tls: TlsOptions): ServerCredentials {
  const { certificate, key, clientAuthority } = tls;
  if ((certificate === undefined) !== (key === undefined)) {
    throw new ImageSpecError("REGISTRY_OPTION_INVALID", "tls needs both a certificate and its key", {
      hint: "Give both as PEM, or neither: then they are made.",
    });
  }
  const clients = clientAuthority === undefined ? {} : demandClients(clientAuthority);
  if (certificate !== undefined)
    return { options: { cert: certificate, key, ...clients }, certificateAuthority: undefined };
  const authority = createCertificateAuthority();
  const made = authority.issue({ name: "imagespec test registry", purpose: "server" });
  return {
    options: { cert: made.certificate, key: made.key, ...clients },
    certificateAuthority: authority.certificate,
  };
}

function demandClients(authority: string): ServerOptions {
  return { ca: authority, requestCert: true, rejectUnauthorized: true };
}
