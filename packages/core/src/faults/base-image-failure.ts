import type { ImageSpecError } from "../errors/image-spec-error.ts";
import { type FaultedImage, type RegistryFault, registryError } from "./registry-fault.ts";

/** In what Docker's engine, BuildKit and registries themselves say. */
const faults: readonly RegistryFault[] = [
  {
    pattern:
      /no match for platform|no matching manifest|does not match the specified platform|no image found|choosing an image/i,
    code: "BASE_IMAGE_PLATFORM",
    message: "REFERENCE is not there for PLATFORM",
    hint: "docker manifest inspect REFERENCE   lists its platforms",
  },
  {
    pattern:
      /pull access denied|repository does not exist|: not found|manifest unknown|name unknown|\b404\b/i,
    code: "BASE_IMAGE_NOT_FOUND",
    message: "REFERENCE is not there, or only for those who log in",
    hint: "docker pull REFERENCE   (a private one: docker login HOST)",
  },
  {
    pattern:
      /\b40[13]\b|unauthorized|denied|forbidden|insufficient_scope|no basic auth|authentication required/i,
    code: "BASE_IMAGE_DENIED",
    message: "HOST does not give REFERENCE without a valid login",
    hint: "docker login HOST",
  },
  {
    pattern: /toomanyrequests|rate limit|\b429\b/i,
    code: "BASE_IMAGE_RATE_LIMITED",
    message: "HOST gives no more images for now",
    hint: "docker login HOST   raises the limit; or name a mirror's copy as baseImage",
  },
  {
    pattern: /server gave HTTP response to HTTPS client/i,
    code: "BASE_IMAGE_INSECURE",
    message: "HOST speaks plain http, which the builder does not allow it",
    hint: 'Docker\'s engine: add to daemon.json {"insecure-registries": ["HOST"]}; buildkitd.toml: [registry."HOST"] http=true',
  },
  {
    pattern: /no such host|connection refused|timeout|deadline|x509|tls:|unreachable|EOF|\b50\d\b/i,
    code: "BASE_IMAGE_UNREACHABLE",
    message: "the builder cannot reach HOST for REFERENCE",
    hint: "docker pull REFERENCE   shows the engine's own attempt; its proxy and DNS are the engine's settings",
  },
];

/** The typed error for a base image that could not be had; undefined where what was said tells nothing of that. */
export function baseImageFailure(failed: FaultedImage, platform: string): ImageSpecError | undefined {
  const fault = faults.find(({ pattern }) => pattern.test(failed.said));
  if (fault === undefined) return undefined;
  return registryError({ ...fault, message: fault.message.replace("PLATFORM", platform) }, failed);
}
