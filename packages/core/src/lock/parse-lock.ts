import { ImageSpecError } from "../errors/image-spec-error.ts";
import { formatImageReference, parseImageReference } from "../reference/image-reference.ts";
import { normalizePlatform } from "../reference/platform.ts";
import { isDigest } from "../reference/reference-grammar.ts";
import { isRecord } from "../spec/spec-spelling.ts";
import { type ImageLock, type LockedImage, lockVersion } from "./image-lock.ts";

type Rule = Readonly<{ expected: string; fits: (text: string) => boolean }>;

const builderName: Rule = {
  expected: "the name of a builder",
  fits: (text) => /^[a-z0-9][a-z0-9-]{0,99}$/.test(text),
};
const toolName: Rule = {
  expected: "the name of a tool",
  fits: (text) => /^[a-z0-9][a-z0-9._-]{0,99}$/.test(text),
};
const version: Rule = {
  expected: "a version",
  fits: (text) => /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/.test(text),
};
const digest: Rule = { expected: "a digest such as sha256:…, in 64 hex digits", fits: isDigest };
const mediaType: Rule = {
  expected: "a media type",
  fits: (text) => /^[a-z]+\/[a-z0-9][a-z0-9.+-]{0,126}$/.test(text),
};
const platform: Rule = {
  expected: "a platform in its normal form, such as linux/amd64",
  fits: (text) => isUnchanged(text, normalizePlatform),
};
const reference: Rule = {
  expected: "a full name with a tag and without a digest, such as docker.io/library/python:3.12",
  fits: (text) =>
    !text.includes("@") && isUnchanged(text, (one) => formatImageReference(parseImageReference(one))),
};

/** What a lock can hold, for those who make one of what others tell them. */
export const lockable: Readonly<
  Record<"toolName" | "version" | "digest" | "mediaType" | "platform", Rule["fits"]>
> = {
  toolName: toolName.fits,
  version: version.fits,
  digest: digest.fits,
  mediaType: mediaType.fits,
  platform: platform.fits,
};

/** The values of these rules are their own canonical form, or none of theirs. */
function isUnchanged(text: string, normalize: (text: string) => string): boolean {
  try {
    return normalize(text) === text;
  } catch (error) {
    if (ImageSpecError.isInstance(error)) return false;
    throw error;
  }
}

const remedy = (file: string): string => `make it anew: rm ${file} && imagespec lock`;

/** A lock, read with the place of each value. */
class LockReader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  fault(path: string, expected: string): ImageSpecError {
    const place = path.length > 120 ? `${path.slice(0, 119)}…` : path;
    const message = place === "" ? `expected ${expected}` : `${place}: expected ${expected}`;
    return new ImageSpecError("LOCK_INVALID", message, { file: this.#file, hint: remedy(this.#file) });
  }

  record(value: unknown, path: string): Readonly<Record<string, unknown>> {
    if (isRecord(value)) return value;
    throw this.fault(path, "a record");
  }

  fields(value: unknown, path: string, known: readonly string[]): Readonly<Record<string, unknown>> {
    const record = this.record(value, path);
    const unknown = Object.keys(record).find((name) => !known.includes(name));
    if (unknown === undefined) return record;
    throw this.fault(path, `no field ${JSON.stringify(unknown.slice(0, 40))}`);
  }

  text(value: unknown, path: string, { expected, fits }: Rule): string {
    if (typeof value === "string" && value.length <= 500 && fits(value)) return value;
    throw this.fault(path, expected);
  }

  map<T>(
    value: unknown,
    path: string,
    key: Rule,
    read: (value: unknown, path: string) => T,
  ): ReadonlyMap<string, T> {
    const entries = Object.entries(this.record(value, path));
    return new Map(
      entries.map(([name, entry]) => {
        const place = `${path}.${name}`;
        return [this.text(name, place, key), read(entry, place)];
      }),
    );
  }

  texts(
    value: unknown,
    path: string,
    rules: Readonly<{ key: Rule; value: Rule }>,
  ): ReadonlyMap<string, string> {
    return this.map(value, path, rules.key, (entry, place) => this.text(entry, place, rules.value));
  }

  image(value: unknown, path: string): LockedImage {
    const fields = this.fields(value, path, ["digest", "mediaType", "platforms"]);
    const platforms = this.texts(fields.platforms, `${path}.platforms`, { key: platform, value: digest });
    if (platforms.size === 0) throw this.fault(`${path}.platforms`, "a platform");
    const type = fields.mediaType;
    return {
      digest: this.text(fields.digest, `${path}.digest`, digest),
      ...(type !== undefined && { mediaType: this.text(type, `${path}.mediaType`, mediaType) }),
      platforms,
    };
  }

  lock(value: unknown): ImageLock {
    const { recipe, tools, images } = this.fields(value, "", ["version", "recipe", "tools", "images"]);
    if (!Number.isSafeInteger(recipe) || Number(recipe) < 1) throw this.fault("recipe", "a number from 1 on");
    const versions = { key: toolName, value: version };
    return {
      recipe: Number(recipe),
      tools: this.map(tools, "tools", builderName, (one, path) => this.texts(one, path, versions)),
      images: this.map(images, "images", reference, (one, path) => this.image(one, path)),
    };
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const isMerge = /^(<{7}|>{7}|={7})/m.test(text);
    const message = isMerge ? "a merge left its marks in it" : "it is not JSON";
    throw new ImageSpecError("LOCK_INVALID", message, { file, hint: remedy(file), cause });
  }
}

function checkVersion(value: unknown, file: string): void {
  const found = isRecord(value) ? value.version : undefined;
  if (!Number.isSafeInteger(found) || Number(found) <= lockVersion) return;
  throw new ImageSpecError(
    "LOCK_VERSION_UNSUPPORTED",
    `it is of version ${String(found)}, and this imagespec knows versions up to ${lockVersion}`,
    { file, hint: "update imagespec: npm install imagespec@latest" },
  );
}

/**
 * Reads the text of a lock.
 *
 * @param file what the user calls it
 * @throws ImageSpecError `LOCK_INVALID`, `LOCK_VERSION_UNSUPPORTED`
 */
export function parseLock(text: string, file: string): ImageLock {
  const value = parseJson(text, file);
  checkVersion(value, file);
  const reader = new LockReader(file);
  if (isRecord(value) && value.version !== lockVersion) throw reader.fault("version", String(lockVersion));
  return reader.lock(value);
}
