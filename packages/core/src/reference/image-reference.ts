import type { Issue } from "../builder/builder.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { explainFault } from "./explain-reference-fault.ts";
import {
  DOCKER_HUB,
  isDigest,
  isHost,
  isPathComponent,
  isTag,
  looksLikeHost,
  MAX_REPOSITORY_LENGTH,
  normalizeHost,
} from "./reference-grammar.ts";

/** An image's full name. `tag` is absent only where a digest stands alone; where both stand, the digest counts. */
export type ImageReference = Readonly<{
  /** Lower-case, with the port where one is written; `docker.io` for Docker Hub. */
  host: string;
  repository: string;
  tag?: string | undefined;
  digest?: string | undefined;
  /** Present only where the text is legal but probably not what was meant. */
  warnings?: readonly Issue[] | undefined;
}>;

/** `familiar` leaves out what Docker's users leave out: `docker.io/` and `library/`. */
export type ReferenceStyle = "canonical" | "familiar";

type Parts = Readonly<{ host: string; path: string; tag: string | undefined; digest: string | undefined }>;

/**
 * Reads an image reference as Docker does: a missing host is `docker.io`, one name alone lies in `library/`, a missing
 * tag is `latest` unless there is a digest. Host names become lower-case.
 *
 * @throws ImageSpecError `REFERENCE_INVALID`, with a hint.
 * @see https://github.com/distribution/reference
 */
export function parseImageReference(text: string): ImageReference {
  const parts = splitReference(text);
  const repository = repositoryOf(parts);
  if (!isValid(parts, repository)) throw invalidReference(text);
  const warnings = warningsFor(text, parts);
  return {
    host: parts.host,
    repository,
    ...(parts.tag === undefined ? {} : { tag: parts.tag }),
    ...(parts.digest === undefined ? {} : { digest: parts.digest }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** The text of a reference. Parsing it gives the same reference again, in either style. */
export function formatImageReference(reference: ImageReference, style: ReferenceStyle = "canonical"): string {
  const tail = `${reference.tag === undefined ? "" : `:${reference.tag}`}${reference.digest === undefined ? "" : `@${reference.digest}`}`;
  const canonical = `${reference.host}/${reference.repository}${tail}`;
  if (style === "canonical" || reference.host !== DOCKER_HUB) return canonical;
  const familiar = `${reference.repository.replace(/^library\/(?=[^/]+$)/, "")}${tail}`;
  return namesTheSame(familiar, canonical) ? familiar : canonical;
}

/** `docker.io/a.b/c` has no shorter form: `a.b/c` would name the host `a.b`. */
function namesTheSame(familiar: string, canonical: string): boolean {
  const parts = splitReference(familiar);
  const repository = repositoryOf(parts);
  return isValid(parts, repository) && canonical.startsWith(`${parts.host}/${repository}`);
}

function splitReference(text: string): Parts {
  const at = text.indexOf("@");
  const name = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const host = slash >= 0 && looksLikeHost(first) ? normalizeHost(first) : undefined;
  const rest = host === undefined ? name : name.slice(slash + 1);
  const colon = rest.indexOf(":");
  const tag = colon < 0 ? (digest === undefined ? "latest" : undefined) : rest.slice(colon + 1);
  return { host: host ?? DOCKER_HUB, path: colon < 0 ? rest : rest.slice(0, colon), tag, digest };
}

function repositoryOf(parts: Parts): string {
  return parts.host === DOCKER_HUB && !parts.path.includes("/") ? `library/${parts.path}` : parts.path;
}

function isValid(parts: Parts, repository: string): boolean {
  return (
    isHost(parts.host) &&
    repository.length <= MAX_REPOSITORY_LENGTH &&
    repository.split("/").every(isPathComponent) &&
    !/^library\/[a-f0-9]{64}$/.test(repository) &&
    (parts.tag === undefined || isTag(parts.tag)) &&
    (parts.digest === undefined || isDigest(parts.digest))
  );
}

function invalidReference(text: string): ImageSpecError {
  const { message, hint } = explainFault(text);
  return new ImageSpecError(
    "REFERENCE_INVALID",
    `${JSON.stringify(abbreviate(text))} is not an image reference: ${message}`,
    { hint },
  );
}

/** A user name and password in front of an `@` are not repeated in messages. */
function abbreviate(text: string): string {
  const shown = text.replace(/^([a-z]+:\/\/)?[^/@]*:[^/@]*@(?!sha[0-9]+:)/i, "$1…@");
  return shown.length > 120 ? `${shown.slice(0, 119)}…` : shown;
}

/** One name without a slash is never a host, which surprises most where it reads as one. */
function warningsFor(text: string, parts: Parts): readonly Issue[] {
  if (text.includes("/") || !looksLikeHost(parts.path)) return [];
  const read = formatImageReference({ ...parts, repository: repositoryOf(parts) });
  return [
    {
      code: "REFERENCE_LOOKS_LIKE_HOST",
      severity: "warning",
      message: `${text} is read as ${read}, not as a registry's host`,
      hint: `write the image's name behind the host: ${text.replace(/@.*/, "")}/NAME`,
    },
  ];
}
