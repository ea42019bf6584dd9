import { nearestName } from "@imagespec/core";
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

type Fault = Readonly<{ message: string; path?: readonly PropertyKey[] }>;
type Check = (value: unknown) => string | undefined;

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

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && !/\p{Cc}/u.test(value);
}

/** One word of a command line that cannot be taken for an option. */
function isWord(value: unknown): value is string {
  return isText(value) && !value.startsWith("-");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
    if (!/^[\w.[\]/-]+$/.test(name) || !isText(entry))
      return `${JSON.stringify(name)} is no attribute with a text`;
  }
  return undefined;
}

const checks: Readonly<Record<keyof EnvdOptions, Check>> = {
  binary: checkProgram,
  context: checkContext,
  timeout: (value) => (typeof value === "number" && value > 0 ? undefined : "must be a number of seconds"),
  exportCache: checkCache,
  importCache: checkCache,
  output: checkOutput,
  uv: checkProgram,
  poetry: checkProgram,
};

function unknownName(name: string): string {
  const known = Object.keys(checks);
  const nearest = nearestName(name, known);
  return `unknown option: ${nearest === undefined ? `known are ${known.join(", ")}` : `did you mean ${nearest}?`}`;
}

function faultsOf(name: string, value: unknown): readonly Fault[] {
  if (!Object.hasOwn(checks, name)) return [{ message: unknownName(name), path: [name] }];
  const message = value === undefined ? undefined : checks[name as keyof EnvdOptions](value);
  return message === undefined ? [] : [{ message, path: [name] }];
}

function validate(value: unknown): { value: EnvdOptions } | { issues: readonly Fault[] } {
  if (!isRecord(value)) return { issues: [{ message: "must be an object" }] };
  const issues = Object.entries(value).flatMap(([name, entry]) => faultsOf(name, entry));
  return issues.length > 0 ? { issues } : { value: value as EnvdOptions };
}

/** Standard Schema v1. Unknown names are errors. */
export const envdOptionsSchema: OptionsSchema<EnvdOptions> = {
  "~standard": { version: 1, vendor: "imagespec", validate },
};
