import { isLine, isRecord, optionsSchema } from "@imagespec/core";
import type { OptionsSchema } from "@imagespec/core/builder";

/** The kinds of builders that envd knows. */
export type EnvdBuilderKind =
  | "unix"
  | "tcp"
  | "docker-container"
  | "moby-worker"
  | "nerdctl-container"
  | "kube-pod";

/** What `builderOptions.envd` of a spec and the argument of `envd()` hold. A spec's value wins over the other. */
export type EnvdOptions = Readonly<{
  /** The program. Default: the `envd` on PATH. */
  binary?: string | undefined;
  /** A context of your own envd, or what to build on: see `envd context create --help`. */
  context?:
    | string
    | Readonly<{
        builder: EnvdBuilderKind /** A socket's path, `host:port`, or a container's name. */;
        address?: string | undefined;
      }>
    | undefined;
  /** Seconds after which envd is stopped. Default: none. */
  timeout?: number | undefined;
  /** `type=registry,ref=…`; the context has to be one that can. */
  exportCache?: string | undefined;
  importCache?: string | undefined;
  /** More attributes of BuildKit's image exporter: `{ compression: "zstd" }`. Part of the tag. */
  output?: Readonly<Record<string, string>> | undefined;
  /** The program that exports uv.lock. Default: the `uv` on PATH. */
  uv?: string | undefined;
  /** The program that exports poetry.lock, with its export plugin. Default: the `poetry` on PATH. */
  poetry?: string | undefined;
}>;

declare module "@imagespec/core/builder" {
  interface BuilderOptionsMap {
    envd: EnvdOptions;
  }
}

const kinds: readonly string[] = [
  "unix",
  "tcp",
  "docker-container",
  "moby-worker",
  "nerdctl-container",
  "kube-pod",
] satisfies readonly EnvdBuilderKind[];
/** Set by the builder itself. */
const ownAttributes = ["type", "name", "push", "dest", "output"];

/** One word of a command line that cannot be taken for an option. */
function isWord(value: unknown): value is string {
  return isLine(value) && !value.startsWith("-");
}

function checkProgram(value: unknown): string | undefined {
  return isWord(value) ? undefined : "must be the name or path of a program";
}

function checkContext(value: unknown): string | undefined {
  if (typeof value === "string") return isWord(value) ? undefined : "must be the name of a context";
  if (!isRecord(value)) return "must be the name of a context, or { builder, address }";
  const { builder, address, ...rest } = value;
  const [other] = Object.keys(rest);
  if (other !== undefined) return `unknown option ${other}: known are builder, address`;
  if (typeof builder !== "string" || !kinds.includes(builder))
    return `builder must be one of ${kinds.join(", ")}`;
  if (address === undefined) return builder === "moby-worker" ? undefined : `a ${builder} needs an address`;
  return isWord(address) ? undefined : "address must be a text";
}

function checkCache(value: unknown): string | undefined {
  return isWord(value) ? undefined : "must be a text such as type=registry,ref=ghcr.io/org/cache";
}

function checkOutput(value: unknown): string | undefined {
  if (!isRecord(value)) return "must be an object of texts";
  for (const [name, entry] of Object.entries(value)) {
    if (ownAttributes.includes(name.toLowerCase())) return `${name} is set by the builder`;
    if (!/^[\w.[\]/-]+$/.test(name) || !isLine(entry))
      return `${JSON.stringify(name)} is no attribute with a text`;
  }
  return undefined;
}

/** Standard Schema v1. Unknown names are errors. */
export const envdOptionsSchema: OptionsSchema<EnvdOptions> = optionsSchema<EnvdOptions>({
  binary: checkProgram,
  context: checkContext,
  timeout: (value) => (typeof value === "number" && value > 0 ? undefined : "must be a number of seconds"),
  exportCache: checkCache,
  importCache: checkCache,
  output: checkOutput,
  uv: checkProgram,
  poetry: checkProgram,
});
