export type { Access } from "./auth/access.ts";
export type { AccessRequest, AccessRule, AuthOptions, BasicAuth, BearerAuth } from "./auth/auth-options.ts";
export type { TokenGrant } from "./auth/tokens.ts";
export type { Fault, FaultHandle, FaultRule } from "./faults/fault.ts";
export type { HeaderValues } from "./http/answer.ts";
export { type ErrorCode, ProtocolError } from "./http/protocol-error.ts";
export type { RegistryOptions, TlsOptions } from "./options.ts";
export { type ImageContent, putImage, type StoredImage } from "./put-image.ts";
export type { RecordedRequest } from "./recorded-request.ts";
export { startRegistry } from "./start-registry.ts";
export { digestOf } from "./store/digest.ts";
export type { ManifestPush, TestRegistry } from "./test-registry.ts";
export {
  type CertificateAuthority,
  type CertificateRequest,
  createCertificateAuthority,
  type KeyedCertificate,
} from "./tls/certificate-authority.ts";
