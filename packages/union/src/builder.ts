import type { Builder, BuildRequest, EmittedFile, PlanInput } from "@imagespec/core/builder";
import { unionCapabilities } from "./capabilities.ts";
import { defaultLimits, type Limits } from "./client/limits.ts";
import type { UnionClient } from "./client/union-client.ts";
import { packContext } from "./context/archive-context.ts";
import { checkImageSpecMessage } from "./emit/check-image-spec-message.ts";
import {
  emitImageSpecMessage,
  encodeImageSpecMessage,
  printImageSpecMessage,
} from "./emit/emit-image-spec-message.ts";
import { includesBase } from "./emit/plan-parts.ts";
import { type UnionHost, type UnionOptions, unionOptionsSchema } from "./options.ts";

/** What `build` sends, with the message as proto3 JSON for people. */
function emitFiles({ plan }: PlanInput<UnionOptions>): readonly EmittedFile[] {
  const message = emitImageSpecMessage(plan);
  const text = printImageSpecMessage(message);
  return [{ path: "spec.pb", content: encodeImageSpecMessage(message), text }];
}

type Request = BuildRequest<UnionOptions>;

/** Clients, made when first asked for. */
function opener(
  defaults: Partial<UnionOptions>,
  host: UnionHost,
  limits: Limits,
): (options: UnionOptions) => Promise<UnionClient> {
  let made: Promise<import("./build/connect.ts").Connections> | undefined;
  return async (options) => {
    made ??= import("./build/connect.ts").then(({ Connections }) => new Connections());
    const surroundings = { cwd: process.cwd(), env: process.env, host, limits };
    return (await made).open({ ...defaults, ...options }, surroundings);
  };
}

/** Whoever has to sign in meanwhile is told by an event. */
async function during<T>(client: UnionClient, request: Request, use: () => Promise<T>): Promise<T> {
  const tell = (message: string): void => {
    const { reference: image, services } = request;
    services.emit({ type: "warning", image, code: "UNION_SIGN_IN", message, waiting: true });
  };
  return client.prompts.during(tell, use);
}

/**
 * Builds in Union's cloud. `defaults` are laid under the options of each spec. Nothing is loaded, read or asked before
 * `probe`, `exists` or `build`; the configuration is then that of the process's directory and variables.
 */
export function union(defaults: Partial<UnionOptions> = {}, host: UnionHost = {}): Builder<UnionOptions> {
  return unionWithin(defaultLimits, defaults, host);
}

/** The same, with another patience. */
export function unionWithin(
  limits: Limits,
  defaults: Partial<UnionOptions>,
  host: UnionHost,
): Builder<UnionOptions> {
  const open = opener(defaults, host, limits);
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
      return probe(() => open(options), signal);
    },
    async exists(request) {
      // What is there, under whatever name, does not stand in the way of a forced build.
      if (request.force) return undefined;
      const { findImage } = await import("./build/find-image.ts");
      const client = await open(request.options);
      return during(client, request, () => findImage(client, request));
    },
    async build(request) {
      const { buildImage } = await import("./build/build-image.ts");
      const client = await open(request.options);
      return during(client, request, () => buildImage(client, request));
    },
  };
}
