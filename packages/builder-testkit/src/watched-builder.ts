import type { AnyBuilder } from "@imagespec/core";
import type { BuildRequest } from "@imagespec/core/builder";

/** How often a builder was asked to do what reaches beyond its process. */
export type Calls = { probe: number; exists: number; build: number };

/** The same builder, counting. */
export function watched(builder: AnyBuilder): Readonly<{ builder: AnyBuilder; calls: Readonly<Calls> }> {
  const calls: Calls = { probe: 0, exists: 0, build: 0 };
  const count = <A extends readonly unknown[], R>(name: keyof Calls, call: (...args: A) => R) => {
    return (...args: A): R => {
      calls[name] += 1;
      return call(...args);
    };
  };
  return {
    calls,
    builder: {
      ...builder,
      probe: count("probe", (options: unknown, signal: AbortSignal) => builder.probe(options, signal)),
      build: count("build", (request: BuildRequest<unknown>) => builder.build(request)),
      ...(builder.exists && {
        exists: count("exists", async (request: BuildRequest<unknown>) => builder.exists?.(request)),
      }),
    },
  };
}
