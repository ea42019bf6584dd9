import { type AnyBuilder, ImageSpecError } from "@imagespec/core";
import { orStandstill } from "../standstill.ts";

function neverEnds(builder: string, name: string): ImageSpecError {
  const message = `the ${builder} builder failed in ${name}: it waits for something that never comes`;
  const hint = `this is a fault of the ${builder} builder, not of the spec: report it there`;
  return new ImageSpecError("BUILDER_FAILED", message, { hint });
}

/** The same builder, which is not waited for when nothing can come of it any more. */
export function notForEver(builder: AnyBuilder): AnyBuilder {
  const { name } = builder;
  const { exists } = builder;
  const wait = <T>(call: string, promise: Promise<T>): Promise<T> =>
    orStandstill(Promise.resolve(promise), () => neverEnds(name, call));
  const patient: Partial<AnyBuilder> = {
    probe: (options, signal) => wait("probe", builder.probe(options, signal)),
    build: (request) => wait("build", builder.build(request)),
    ...(exists && { exists: (request) => wait("exists", exists.call(builder, request)) }),
  };
  return Object.assign(Object.create(builder), patient);
}
