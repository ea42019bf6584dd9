import { ImageSpecError, parseImageReference } from "@imagespec/core";

type Fault = Readonly<{ pattern: RegExp; code: string; message: string; hint: string }>;

/** HOST, REPOSITORY and REFERENCE are replaced. */
const faults: readonly Fault[] = [
  {
    pattern:
      /denied|unauthorized|authentication required|no basic auth|forbidden|\b40[13]\b|insufficient_scope/i,
    code: "PUSH_DENIED",
    message: "HOST does not let this login push to REPOSITORY",
    hint: "docker login HOST",
  },
  {
    pattern: /server gave HTTP response to HTTPS client/i,
    code: "PUSH_INSECURE",
    message: "HOST speaks plain http, which the builder does not allow it",
    hint: 'registry: "http://HOST" allows it to a buildkitd; Docker\'s engine has insecure-registries in daemon.json',
  },
  {
    pattern: /x509|certificate|tls:/i,
    code: "PUSH_UNTRUSTED",
    message: "the builder does not trust the certificate of HOST",
    hint: 'buildkitd.toml: [registry."HOST"] ca=["ca.pem"]; Docker\'s engine: /etc/docker/certs.d/HOST/ca.crt',
  },
  {
    pattern: /refused|no such host|timeout|deadline|unreachable|reset by peer|EOF|no route/i,
    code: "PUSH_UNREACHABLE",
    message: "the builder cannot reach HOST",
    hint: "curl -sS https://HOST/v2/   from the builder's machine; its proxy and DNS are its own settings",
  },
];

const otherFault: Fault = {
  pattern: /$/,
  code: "PUSH_FAILED",
  message: "the push of REFERENCE failed",
  hint: "run the same command again: what was pushed is not sent twice",
};

/** The typed error for what was said of a push. */
export function pushFailure(reference: string, said: string): ImageSpecError {
  const { host, repository } = parseImageReference(reference);
  const fault = faults.find(({ pattern }) => pattern.test(said)) ?? otherFault;
  const fill = (text: string): string =>
    text.replaceAll("HOST", host).replaceAll("REPOSITORY", repository).replaceAll("REFERENCE", reference);
  const message = `${fill(fault.message)} (${said})`;
  return new ImageSpecError(fault.code, message, {
    field: "registry",
    image: reference,
    hint: fill(fault.hint),
  });
}
