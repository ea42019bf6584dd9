import type { BuildEvent, BuildPlan, BuildRequest, BuildServices, ContextEntry } from "@imagespec/core";
import type { DockerOptions } from "../../src/options.ts";

export const anyPlan: BuildPlan = {
  recipe: 1,
  destination: { name: "test" },
  base: { kind: "reference", reference: "docker.io/library/base:1" },
  platforms: ["linux/amd64"],
  workDirectory: "/root",
  steps: [],
  builderOptions: {},
  id: "test",
};

type Parts = Partial<Omit<BuildRequest<DockerOptions>, "services">> &
  Readonly<{ services?: Partial<BuildServices>; context?: readonly ContextEntry[] }>;

/** A request whose services have nothing to lend, but for what a test gives. */
export function buildRequest({ services, context = [], ...parts }: Parts): {
  request: BuildRequest<DockerOptions>;
  events: BuildEvent[];
} {
  const events: BuildEvent[] = [];
  const request: BuildRequest<DockerOptions> = {
    plan: anyPlan,
    options: {},
    bases: new Map(),
    reference: "test:1",
    destination: "local",
    force: false,
    signal: new AbortController().signal,
    ...parts,
    services: {
      credentials: async () => undefined,
      inspect: async () => ({ verdict: "absent" }),
      secret: async (id) => {
        throw new Error(`no secret ${id}`);
      },
      async *context() {
        yield* context;
      },
      temporaryDirectory: async () => {
        throw new Error("no temporary directory is wanted");
      },
      emit: (event) => events.push(event),
      ...services,
    },
  };
  return { request, events };
}
