import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { Availability } from "./builder.ts";
import type { AnyBuilder } from "./builder-registry.ts";

/** What a builder threw, as an error that says whose fault it is. Errors of ours stay as they are. */
export function builderFault(builder: string, doing: string, cause: unknown): ImageSpecError {
  if (ImageSpecError.isInstance(cause)) return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  const text = said === "" ? "it gave no reason" : said;
  return new ImageSpecError("BUILDER_FAILED", `the ${builder} builder failed in ${doing}: ${text}`, {
    hint: `this is a fault of the ${builder} builder, not of the spec: run again with --debug and report it there`,
    cause,
  });
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

type Call = (...args: never[]) => unknown;

/** The same call; what it throws, at once or later, names the builder. */
function guardedCall<F extends Call>(builder: AnyBuilder, name: string, call: F): F {
  const fail = (cause: unknown): never => {
    throw builderFault(builder.name, name, cause);
  };
  const guarded = (...args: never[]): unknown => {
    try {
      const result = Reflect.apply(call, builder, args);
      return isPromise(result) ? Promise.resolve(result).catch(fail) : result;
    } catch (cause) {
      return fail(cause);
    }
  };
  return guarded as F;
}

/** Those of the interface, which a builder may have from elsewhere than itself. */
const functionNames = [
  "includesBase",
  "fingerprintOptions",
  "helpers",
  "probe",
  "check",
  "emit",
  "packContext",
  "exists",
  "build",
] as const;

/** The same builder, every failure of which names it: nobody else's code is to be blamed for it. */
export function guardBuilder(builder: AnyBuilder): AnyBuilder {
  const fields: Record<string, unknown> = {};
  // What it has from its prototype counts as its own.
  for (const name in builder) fields[name] = builder[name as keyof AnyBuilder];
  for (const name of new Set([...functionNames, ...Object.keys(fields)])) {
    const call = (builder as Readonly<Record<string, unknown>>)[name];
    if (typeof call === "function") fields[name] = guardedCall(builder, name, call as Call);
  }
  return fields as AnyBuilder;
}

/** What a builder throws when it is asked is a reason to take the next one. */
export async function askAvailability(
  builder: AnyBuilder,
  options: unknown,
  signal: AbortSignal,
): Promise<Availability> {
  try {
    const availability = await builder.probe(options, signal);
    if (typeof availability?.available === "boolean") return availability;
    throw new Error("it does not say whether it is available");
  } catch (error) {
    if (signal.aborted) throw error;
    const { message, details } = builderFault(builder.name, "probe", error);
    return { available: false, reason: message, hint: details.hint ?? "" };
  }
}
