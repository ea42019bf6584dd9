import type { Builder, EmittedFile, PlanInput } from "@imagespec/core/builder";
import { unionCapabilities } from "./capabilities.ts";
import { packContext } from "./context/archive-context.ts";
import { checkImageSpecMessage } from "./emit/check-image-spec-message.ts";
import {
  emitImageSpecMessage,
  encodeImageSpecMessage,
  printImageSpecMessage,
} from "./emit/emit-image-spec-message.ts";
import { includesBase } from "./emit/plan-parts.ts";
import { type UnionOptions, unionOptionsSchema } from "./options.ts";

/** What `build` sends, with the message as proto3 JSON for people. */
function emitFiles({ plan }: PlanInput<UnionOptions>): readonly EmittedFile[] {
  const message = emitImageSpecMessage(plan);
  const text = printImageSpecMessage(message);
  return [{ path: "spec.pb", content: encodeImageSpecMessage(message), text }];
}

/**
 * Builds in Union's cloud. `defaults` are laid under the options of each spec. Nothing is loaded, read or asked before
 * `probe`, `exists` or `build`; the configuration is then that of the process's directory and variables.
 */
export function union(defaults: Partial<UnionOptions> = {}): Builder<UnionOptions> {
  const open = async (options: UnionOptions): ReturnType<typeof import("./build/connect.ts").connect> => {
    const { connect } = await import("./build/connect.ts");
    return connect({ ...defaults, ...options }, { cwd: process.cwd(), env: process.env });
  };
  return {
    interfaceVersion: 1,
    name: "union",
    capabilities: unionCapabilities,
    optionsSchema: unionOptionsSchema,
    remote: true,
    includesBase,
    fingerprintOptions: () => ({}),
    check: ({ plan }) => checkImageSpecMessage(plan),
    emit: emitFiles,
    packContext: ({ plan }, entries) => packContext(plan, entries),
    async probe(options, signal) {
      const { probe } = await import("./build/probe.ts");
      return probe({ ...defaults, ...options }, { cwd: process.cwd(), env: process.env }, signal);
    },
    async exists(request) {
      const { findImage } = await import("./build/find-image.ts");
      return findImage(await open(request.options), request);
    },
    async build(request) {
      const { buildImage } = await import("./build/build-image.ts");
      return buildImage(await open(request.options), request);
    },
  };
}
