import { ImageSpecError } from "../errors/image-spec-error.ts";

/** Normalised: `x86_64` is `amd64`, `arm64/v8` is `arm64`, `arm` is `arm/v7`. */
export type Platform = Readonly<{ os: string; architecture: string; variant?: string | undefined }>;

const componentPattern = /^[a-z0-9_.-]+$/;
const architectureAliases: Readonly<Record<string, Platform>> = {
  i386: { os: "", architecture: "386" },
  x86_64: { os: "", architecture: "amd64" },
  "x86-64": { os: "", architecture: "amd64" },
  aarch64: { os: "", architecture: "arm64" },
  armhf: { os: "", architecture: "arm", variant: "v7" },
  armel: { os: "", architecture: "arm", variant: "v6" },
};
const architectures: ReadonlySet<string> = new Set([
  ...Object.keys(architectureAliases),
  ...["386", "amd64", "arm", "arm64", "loong64", "mips64le", "ppc64le", "riscv64", "s390x", "wasm"],
]);
/** What a variant is called after normalisation; the empty text drops it. */
const variantAliases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  amd64: { v1: "" },
  arm64: { "8": "", v8: "", "v8.0": "", "9": "v9", "9.0": "v9", "v9.0": "v9" },
  arm: { "": "v7", "5": "v5", "6": "v6", "7": "v7", "8": "v8" },
};

/**
 * Reads `os/architecture[/variant]`; an architecture alone is Linux's. Nothing is taken from the host.
 *
 * @throws ImageSpecError `PLATFORM_INVALID`, with a hint.
 * @see https://github.com/containerd/platforms
 */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3 || !parts.every((part) => componentPattern.test(part))) throw invalidPlatform(text);
  const [first = "", second, variant] = parts;
  if (second === undefined && !architectures.has(first)) throw invalidPlatform(text);
  if (second !== undefined && architectures.has(first)) throw invalidPlatform(text);
  return second === undefined
    ? platformOf({ os: "linux", architecture: first })
    : platformOf({ os: first, architecture: second, variant });
}

/** The normal form of a platform that some manifest or config names. */
export function platformOf(platform: Platform): Platform {
  const os = platform.os.toLowerCase();
  const named = platform.architecture.toLowerCase();
  const alias = Object.hasOwn(architectureAliases, named) ? architectureAliases[named] : undefined;
  const architecture = alias?.architecture ?? named;
  const variant = normalizeVariant(architecture, alias?.variant ?? platform.variant?.toLowerCase() ?? "");
  return {
    os: os === "macos" ? "darwin" : os,
    architecture,
    ...(variant === "" || named === "i386" ? {} : { variant }),
  };
}

/** `linux/arm64`, `linux/arm/v7`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/**
 * The normal form of a platform's text: `linux/aarch64` gives `linux/arm64`.
 *
 * @throws ImageSpecError `PLATFORM_INVALID`
 */
export function normalizePlatform(text: string): string {
  return formatPlatform(parsePlatform(text));
}

/** Whether both name one platform, however they are written. */
export function isSamePlatform(left: Platform, right: Platform): boolean {
  return formatPlatform(platformOf(left)) === formatPlatform(platformOf(right));
}

function normalizeVariant(architecture: string, variant: string): string {
  const aliases = Object.hasOwn(variantAliases, architecture) ? variantAliases[architecture] : undefined;
  return aliases !== undefined && Object.hasOwn(aliases, variant) ? (aliases[variant] ?? "") : variant;
}

function invalidPlatform(text: string): ImageSpecError {
  const [first = "", second = "OS"] = text.toLowerCase().split("/");
  const hint = architectures.has(first) ? `the operating system comes first: ${second}/${first}` : undefined;
  return new ImageSpecError("PLATFORM_INVALID", `${JSON.stringify(text.slice(0, 80))} is not a platform`, {
    field: "platform",
    hint: hint ?? "write OS/ARCHITECTURE, such as linux/amd64 or linux/arm64",
  });
}
