import { type BuildServices, type Credential, ImageSpecError, type Redactor } from "@imagespec/core";
import { readBundle } from "../certificates.ts";
import { CA_SECRET_ID, type DockerOptions } from "../options.ts";

/** What BuildKit takes of a secret. */
const MAX_SECRET_BYTES = 500 * 1024;

export type SecretsWanted = Readonly<{
  ids: readonly string[];
  options: DockerOptions;
  services: Pick<BuildServices, "secret">;
  /** Learns every value but that of the certificates, which are public. */
  redactor: Redactor;
}>;

/**
 * The bytes of the secrets that a build mounts, by id. All of them are read before anything is built.
 *
 * @throws ImageSpecError `SECRET_NOT_FOUND`, `SECRET_TOO_LARGE`, `CA_CERTIFICATES_UNREADABLE`
 */
export async function readSecrets(wanted: SecretsWanted): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = wanted.ids.map(async (id) => [id, await readSecret(id, wanted)] as const);
  return new Map(await Promise.all(entries));
}

async function readSecret(id: string, { options, services, redactor }: SecretsWanted): Promise<Uint8Array> {
  const isBundle = id === CA_SECRET_ID && options.caCertificates !== undefined;
  const bytes = isBundle ? readBundle(options.caCertificates) : await services.secret(id);
  if (bytes.length > MAX_SECRET_BYTES) throw tooLarge(id, bytes.length);
  if (!isBundle) {
    redactor.add(bytes);
    maskPasswords(redactor, Buffer.from(bytes).toString());
  }
  return bytes;
}

function tooLarge(id: string, size: number): ImageSpecError {
  return new ImageSpecError(
    "SECRET_TOO_LARGE",
    `the secret ${id} has ${size} bytes; BuildKit takes ${MAX_SECRET_BYTES}`,
    { hint: "give the step a smaller file: one login, one key, or only the certificates that it needs" },
  );
}

/** A password counts as much as the netrc file or the URL that holds it. */
export function maskPasswords(redactor: Redactor, text: string): void {
  for (const [, password = ""] of text.matchAll(/\bpassword\s+(\S+)/g)) redactor.add(password);
  for (const [, password = ""] of text.matchAll(/:\/\/[^\s/@:]*:([^\s/@]+)@/g)) redactor.add(password);
}

/** The same services, whose logins the redactor learns. */
export function maskedCredentials(services: BuildServices, redactor: Redactor): BuildServices["credentials"] {
  return async (repository, access) => {
    const credential = await services.credentials(repository, access);
    if (credential !== undefined) redactor.add(secretOf(credential));
    return credential;
  };
}

function secretOf(credential: Credential): string {
  return credential.kind === "basic" ? credential.password : credential.token;
}
