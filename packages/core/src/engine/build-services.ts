import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BuildServices, Credential } from "../builder/builder.ts";
import { contextEntries } from "../context/context-entries.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { ResolvedImage } from "../plan/resolved-image.ts";
import type { BuildEvent } from "./events.ts";
import type { Redactor } from "./redactor.ts";
import { refuseCopiedSecrets } from "./refuse-copied-secret.ts";
import type { RegistryService } from "./registry-service.ts";

/** Where a secret's bytes come from. */
export type SecretSource = Readonly<{ value: string | Uint8Array } | { file: string } | { variable: string }>;

export type ServiceOptions = Readonly<{
  image: ResolvedImage;
  /** The context holds the files of the base as well. */
  includesBase: boolean;
  registry: RegistryService | undefined;
  secrets: Readonly<Record<string, SecretSource>>;
  redactor: Redactor;
  signal: AbortSignal;
  emit: (event: BuildEvent) => void;
}>;

/** The services of one build and the end of what they hold. */
export type LentServices = Readonly<{ services: BuildServices; dispose(): Promise<void> }>;

async function readSecretFile(id: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ImageSpecError("SECRET_NOT_FOUND", `cannot read the secret ${JSON.stringify(id)}`, {
      file,
      hint: `give it on the command line: --secret id=${id},src=FILE`,
      cause,
    });
  }
}

async function secretFrom(id: string, source: SecretSource): Promise<Uint8Array> {
  if ("value" in source) return Buffer.from(source.value);
  if ("file" in source) return readSecretFile(id, source.file);
  const value = process.env[source.variable];
  if (value === undefined) {
    throw new ImageSpecError("SECRET_NOT_FOUND", `the variable ${source.variable} is not set`, {
      hint: `set it, or give the secret another source: --secret id=${id},src=FILE`,
    });
  }
  return Buffer.from(value);
}

/** The spec's own secrets first, then the caller's; a mount that names no known id names a file. */
async function findSecret(id: string, options: ServiceOptions): Promise<Uint8Array> {
  const { image, secrets } = options;
  const own = image.secrets.get(id);
  if (own) return own;
  const given = Object.hasOwn(secrets, id) ? secrets[id] : undefined;
  // The caller's were looked at before the build.
  if (given) return secretFrom(id, given);
  const source = { file: path.resolve(image.directory, id) };
  refuseCopiedSecrets([source], image);
  return secretFrom(id, source);
}

function secretOf(credential: Credential): string {
  return credential.kind === "basic" ? credential.password : credential.token;
}

/** What a builder is lent for one build. Every secret that leaves through here is masked in events and errors. */
export function lendServices(options: ServiceOptions): LentServices {
  const { image, registry, redactor, signal } = options;
  const folders: string[] = [];
  const query = { registryConfig: image.registryConfig, insecure: image.plan.destination.insecure, signal };
  const services: BuildServices = {
    async credentials(repository, access) {
      const credential = await registry?.credentials(repository, access, query);
      if (credential) redactor.add(secretOf(credential));
      return credential;
    },
    async inspect(reference) {
      if (!registry) return { verdict: "unknown", reason: "no-registry-client" };
      return registry.exists(reference, query);
    },
    async secret(id) {
      const bytes = await findSecret(id, options);
      redactor.add(bytes);
      return bytes;
    },
    context: () => contextEntries(image, { withBases: options.includesBase }),
    async temporaryDirectory() {
      const folder = await mkdtemp(path.join(tmpdir(), "imagespec-"));
      folders.push(folder);
      return folder;
    },
    emit: options.emit,
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  };
  return { services, dispose };
}
