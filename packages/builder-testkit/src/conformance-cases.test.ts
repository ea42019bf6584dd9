import { createHash } from "node:crypto";
import type { AnyBuilder, ImageSpec } from "@imagespec/core";
import type { BuildRequest, BuildResult, RegistryService } from "@imagespec/core/builder";
import { describe, expect, onTestFinished, test } from "vitest";
import { conformanceCases, setUpBench } from "./index.ts";

const place = { registry: "registry.example/conformance", spec: {} satisfies ImageSpec };

/** A registry that is a map; what is pushed to it is the builder's affair. */
function mapRegistry(): Readonly<{ service: RegistryService; pushed: Map<string, string> }> {
  const pushed = new Map<string, string>();
  const service: RegistryService = {
    async exists(reference) {
      if (reference.startsWith("registry.invalid")) return { verdict: "unknown", reason: "unresolved" };
      const digest = pushed.get(reference);
      return digest ? { verdict: "present", image: { reference, digest } } : { verdict: "absent" };
    },
    imageConfig: async () => undefined,
    credentials: async () => ({ kind: "basic", username: "u", password: "a-password", source: "test" }),
    checkPush: async () => ({ verdict: "allowed" }),
    async verifyPush(reference, { digest }) {
      const found = pushed.get(reference) ?? "none";
      if (found === digest) return { verdict: "verified", image: { reference, digest } };
      return {
        verdict: "different",
        differences: [{ what: "digest", expected: digest ?? "none", found }],
      };
    },
    forget: () => {},
    close: async () => {},
  };
  return { service, pushed };
}

const digest = `sha256:${createHash("sha256").update("image").digest("hex")}`;

/** A builder that does everything right, in a world where an image is a name in a map. */
function goodBuilder(pushed: Map<string, string>): AnyBuilder {
  return {
    interfaceVersion: 1,
    name: "sample",
    capabilities: { labels: true, apt: { reason: "it has no package manager" } },
    optionsSchema: {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) =>
          Object.keys(value as object).length > 0 ? { issues: [{ message: "unknown" }] } : { value },
      },
    },
    probe: async () => ({ available: true, version: "1" }),
    emit: ({ plan }) => [{ path: "plan.json", content: JSON.stringify(plan.steps) }],
    async build(request) {
      request.signal.throwIfAborted();
      tell(request);
      pushed.set(request.reference, digest);
      return { reference: request.reference, digest, warnings: [] };
    },
  };
}

function tell({ services, reference: image }: BuildRequest<unknown>): void {
  services.emit({ type: "step-start", image, step: "1", name: "make", time: Date.now() });
  services.emit({ type: "step-log", image, step: "1", stream: "stdout", line: "made" });
  services.emit({ type: "step-end", image, step: "1", time: Date.now(), cached: false });
}

class Skipped extends Error {}

/** The names of the cases that a builder fails, and of those that are skipped. */
async function failuresOf(
  change: (good: AnyBuilder, pushed: Map<string, string>) => Partial<AnyBuilder>,
): Promise<Readonly<{ failed: readonly string[]; skipped: readonly string[] }>> {
  const { service, pushed } = mapRegistry();
  const good = goodBuilder(pushed);
  const bench = await setUpBench({
    create: () => ({ ...good, ...change(good, pushed) }),
    place: async () => ({ ...place, client: service, secrets: ["a-password"] }),
  });
  onTestFinished(() => bench.dispose());
  const outcome = { failed: [] as string[], skipped: [] as string[] };
  for (const { name, run } of conformanceCases) {
    try {
      await run(
        bench.kit((reason) => {
          throw new Skipped(reason);
        }),
      );
    } catch (error) {
      outcome[error instanceof Skipped ? "skipped" : "failed"].push(name);
    }
  }
  return outcome;
}

test("a builder that does all of it right fails nothing", async () => {
  expect(await failuresOf(() => ({}))).toEqual({
    failed: [],
    skipped: [
      "probe takes away from what the builder can, and adds nothing",
      "a command that fails is an error with its exit code and its last lines, and pushes nothing",
    ],
  });
});

type Fault = Readonly<{
  what: string;
  change: Parameters<typeof failuresOf>[0];
  caught: string;
}>;

type BuildOf = (request: BuildRequest<unknown>, good: AnyBuilder) => Promise<BuildResult>;

const building =
  (build: BuildOf): Fault["change"] =>
  (good) => ({ build: (request) => build(request, good) });

const faults: readonly Fault[] = [
  {
    what: "of another interface version",
    change: () => ({ interfaceVersion: 2 as 1 }),
    caught: "is a plain object of interface version 1, with a name that a spec can hold",
  },
  {
    what: "whose name no spec can hold",
    change: () => ({ name: "My Builder" }),
    caught: "is a plain object of interface version 1, with a name that a spec can hold",
  },
  {
    what: "with a field in place of a function",
    change: () => ({ emit: "Dockerfile" as never }),
    caught: "has functions where the interface has them",
  },
  {
    what: "whose refusals have no reason",
    change: () => ({ capabilities: { labels: true, apt: { reason: "" } } }),
    caught: "says what it can as plain data: true, or the reason why not",
  },
  {
    what: "that takes any option",
    change: ({ optionsSchema }) => ({
      optionsSchema: {
        "~standard": { ...optionsSchema!["~standard"], validate: (value) => ({ value }) },
      },
    }),
    caught: "refuses options that it does not know",
  },
  {
    what: "that says it supports what it leaves out",
    change: ({ capabilities, emit }) => ({
      capabilities: { ...capabilities, commands: true },
      emit: (input) =>
        emit!({
          ...input,
          plan: { ...input.plan, steps: input.plan.steps.filter(({ kind }) => kind !== "commands") },
        }),
    }),
    caught: "commands is honoured, or refused before anything starts",
  },
  {
    what: "that says it supports what it then refuses",
    change: ({ capabilities }) => ({
      capabilities: { ...capabilities, entrypoint: true },
      check: ({ plan }) =>
        plan.steps.some(({ kind }) => kind === "entrypoint")
          ? [{ code: "SPEC_UNSUPPORTED_FIELD", severity: "error", message: "no", field: "entrypoint" }]
          : [],
    }),
    caught: "entrypoint is honoured, or refused before anything starts",
  },
  {
    what: "that emits another text each time",
    change: () => {
      let count = 0;
      return { emit: () => [{ path: "n", content: String(count++) }] };
    },
    caught: "check and emit are pure: they change nothing, and say the same again",
  },
  {
    what: "that is missing something and does not say what",
    change: () => ({ probe: async () => ({ available: false, reason: "", hint: "" }) }),
    caught: "probe says a version, or what is missing and what helps",
  },
  {
    what: "whose probe finds what it never had",
    change: () => ({
      probe: async () => ({ available: true, version: "1", capabilities: { commands: true } }),
    }),
    caught: "probe takes away from what the builder can, and adds nothing",
  },
  {
    what: "that takes everything for present",
    change: () => ({
      exists: async ({ reference }) => ({ verdict: "present", image: { reference } }),
    }),
    caught: "what nobody built is not there",
  },
  {
    what: "that takes silence for absence",
    change: () => ({ exists: async () => ({ verdict: "absent" }) }),
    caught: "where nobody can be asked, it is unknown",
  },
  {
    what: "with another digest than it pushed",
    change: building(async (request, good) => ({
      ...(await good.build(request)),
      digest: digest.replace(/.$/, "0"),
    })),
    caught: "builds, pushes, and names the digest that the registry then has",
  },
  {
    what: "whose steps end before they start",
    change: building(async (request, good) => {
      const { services, reference: image } = request;
      services.emit({ type: "step-end", image, step: "2", time: Date.now(), cached: false });
      return good.build(request);
    }),
    caught: "tells a build in order",
  },
  {
    what: "that says nothing while it builds",
    change: (_, pushed) => ({
      async build({ reference }) {
        pushed.set(reference, digest);
        return { reference, digest, warnings: [] };
      },
    }),
    caught: "tells a build in order",
  },
  {
    what: "that does not hear an abort",
    change: building((request, good) => good.build({ ...request, signal: new AbortController().signal })),
    caught: "ends on abort, and pushes nothing",
  },
  {
    what: "that says a password otherwise encoded",
    change: building(async (request, good) => {
      const { services, reference: image } = request;
      const line = Buffer.from("a-password").toString("base64");
      services.emit({ type: "step-start", image, step: "0", name: line, time: Date.now() });
      services.emit({ type: "step-end", image, step: "0", time: Date.now(), cached: false });
      return good.build(request);
    }),
    caught: "secrets stand in no event, error or result, of builds that succeed and of builds that fail",
  },
];

describe("a builder is caught", () => {
  test.each(faults)("$what", async ({ change, caught }) => {
    expect((await failuresOf(change)).failed).toContain(caught);
  });
});
