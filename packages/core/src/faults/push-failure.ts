import type { ImageSpecError } from "../errors/image-spec-error.ts";
import { type RegistryFault, registryError } from "./registry-fault.ts";

/** Who pushes: Docker's engine, or a buildkitd. */
export type Pusher = "engine" | "buildkitd";

/** `refused`: by the registry, which may have the image all the same. */
type PushFault = RegistryFault & Readonly<{ refused?: true; buildkitd?: string }>;

/** PUSHER is replaced too. */
const faults: readonly PushFault[] = [
  {
    // BuildKit tells the status alone; a manifest under a new name would have been taken.
    pattern:
      /immutable|already exists|cannot be overwritten|tag_invalid|PUT request to \S*\/manifests\/\S+: 4(00|09|12)\b/i,
    code: "PUSH_TAG_IMMUTABLE",
    message: "HOST does not let the tag of REFERENCE be moved",
    hint: "without --force the image that is there is used",
    refused: true,
  },
  {
    pattern:
      /denied|unauthorized|authentication required|no basic auth|forbidden|\b40[13]\b|insufficient_scope/i,
    code: "PUSH_DENIED",
    message: "HOST does not let this login push to REPOSITORY",
    hint: "docker login HOST",
    refused: true,
  },
  {
    pattern:
      /name unknown|name_unknown|does not exist|repository .*not found|POST request to \S*\/blobs\/uploads\/\S*: 404\b/i,
    code: "PUSH_REPOSITORY_NOT_FOUND",
    message: "HOST has no repository REPOSITORY",
    hint: "ECR: aws ecr create-repository --repository-name REPOSITORY   (others: in the registry's console)",
    refused: true,
  },
  {
    pattern: /toomanyrequests|too many requests|rate limit|\b429\b/i,
    code: "PUSH_RATE_LIMITED",
    message: "HOST takes no more requests for now",
    hint: "wait some minutes, then run the same command again: what was pushed is not sent twice",
  },
  {
    pattern: /server gave HTTP response to HTTPS client/i,
    code: "PUSH_INSECURE",
    message: "HOST speaks plain http, which the PUSHER does not allow it",
    hint: 'add to /etc/docker/daemon.json: {"insecure-registries": ["HOST"]}   then: sudo systemctl reload docker',
    buildkitd:
      'name it so in the spec: registry: "http://HOST/…"; or buildkitd.toml: [registry."HOST"] http=true',
  },
  {
    pattern: /x509|certificate|tls:/i,
    code: "PUSH_UNTRUSTED",
    message: "the PUSHER does not trust the certificate of HOST",
    hint: "sudo install -D -m 644 ca.pem /etc/docker/certs.d/HOST/ca.crt",
    buildkitd: 'buildkitd.toml: [registry."HOST"] ca=["ca.pem"]',
  },
  {
    pattern: /connection refused|no such host|timeout|deadline|unreachable|reset by peer|EOF|no route/i,
    code: "PUSH_UNREACHABLE",
    message: "the PUSHER cannot reach HOST",
    hint: "curl -sS https://HOST/v2/   from the PUSHER's machine; its proxy and DNS are the PUSHER's own settings",
  },
  {
    pattern: /unexpected (HTTP )?status:? .*\b5\d\d|\b50\d\b|internal server error|unavailable/i,
    code: "PUSH_REGISTRY_ERROR",
    message: "HOST failed",
    hint: "run the same command again: what was pushed is not sent twice",
  },
];

const otherFault: PushFault = {
  pattern: /$/,
  code: "PUSH_FAILED",
  message: "the push of REFERENCE failed",
  hint: "docker push REFERENCE   shows the engine's own attempt",
  buildkitd: "run the same command again: what was pushed is not sent twice",
  refused: true,
};

export type PushFailure = Readonly<{ error: ImageSpecError; refused: boolean }>;

/** The typed error for what was said of a push, and whether the registry itself refused. */
export function pushFailure(reference: string, said: string, pusher: Pusher = "engine"): PushFailure {
  const fault = faults.find(({ pattern }) => pattern.test(said)) ?? otherFault;
  const name = (text: string): string => text.replaceAll("PUSHER", pusher);
  const hint = (pusher === "buildkitd" ? fault.buildkitd : undefined) ?? fault.hint;
  const named = { ...fault, message: name(fault.message), hint: name(hint) };
  const error = registryError(named, { reference, image: reference, field: "registry", said });
  return { error, refused: fault.refused === true };
}
