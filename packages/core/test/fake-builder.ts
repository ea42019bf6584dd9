import type { Builder, BuildRequest, BuildResult, Capabilities } from "../src/builder.ts";

export type FakeBuilder = Builder<unknown> &
  Readonly<{
    /** References in the order in which their builds began. */
    started: string[];
    /** How many builds ran at once at most. */
    peak(): number;
  }>;

export type FakeOptions = Partial<Omit<Builder<unknown>, "build">> &
  Readonly<{ build?: (request: BuildRequest<unknown>) => Promise<Partial<BuildResult>> }>;

const all: Capabilities = Object.fromEntries(
  ["apt", "pip", "files", "commands", "entrypoint", "secrets", "localStore", "multiPlatform"].map((one) => [
    one,
    true,
  ]),
);

/** A builder that keeps its images in a set: real enough for the engine, which sees builders only by their interface. */
export function fakeBuilder(options: FakeOptions = {}): FakeBuilder {
  const started: string[] = [];
  let running = 0;
  let peak = 0;
  return {
    interfaceVersion: 1,
    name: "fake",
    capabilities: all,
    probe: async () => ({ available: true, version: "1" }),
    ...options,
    started,
    peak: () => peak,
    async build(request) {
      started.push(request.reference);
      running += 1;
      peak = Math.max(peak, running);
      try {
        const result = await options.build?.(request);
        return { reference: request.reference, warnings: [], ...result };
      } finally {
        running -= 1;
      }
    },
  };
}
