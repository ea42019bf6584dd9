import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import type { BuildEvent, BuildResult, ImageSpec } from "@imagespec/core";
import { ImageSpecError } from "@imagespec/core";
import {
  type BackendOptions,
  type Executor,
  startUnionBackend,
  type UnionBackend,
} from "@imagespec/union-backend";
import { afterAll, afterEach, expect, vi } from "vitest";
import { unionWithin } from "../../src/builder.ts";
import { defaultLimits, type Limits } from "../../src/client/limits.ts";
import type { UnionHost, UnionOptions } from "../../src/options.ts";
import { type RequestParts, unionRequest } from "./union-request.ts";

/** Every secret of these tests has it, and no text that people see may. */
export const PLANTED = "planted-secret";
const secrets = new RegExp(`${PLANTED}|X-Sig=[^*]|\\b(?:token|refresh|code|device)-[0-9a-f]{8}-`);

/** Nothing that people see may hold a secret, or the query by which a URL is signed. */
export function expectNoSecrets(said: readonly unknown[]): void {
  expect(said.length).toBeGreaterThan(0);
  expect(inspect(said, { depth: null, maxArrayLength: null, maxStringLength: null })).not.toMatch(secrets);
}

/** Builds nothing: for tests about what goes over the wire. */
export const naming: Executor = async ({ target, log }) => {
  log("step 1/1");
  return `registry.example/${target}`;
};

/** What such a build comes to. */
export const built: Readonly<Record<string, unknown>> = {
  reference: expect.stringContaining("registry.example/app:"),
};

export type Started = Readonly<{
  request: Awaited<ReturnType<typeof unionRequest>>["request"];
  events: readonly BuildEvent[];
  result: Promise<BuildResult>;
}>;

export type Parts = RequestParts &
  Readonly<{ host?: UnionHost; spec?: Partial<ImageSpec>; limits?: Partial<Limits> }>;

export type Testbed = Readonly<{
  /** A backend on plain HTTP/1.1 that builds nothing, but for what the options say. */
  backend(options?: Partial<BackendOptions>): Promise<UnionBackend>;
  folder(): Promise<string>;
  /** With the patience of `limits`; what is left out has the default. */
  build(parts: Parts): Promise<Started>;
  /** The error that a build has to end in. */
  failure(parts: Parts): Promise<ImageSpecError>;
  defer(step: () => unknown): void;
}>;

/** What backends on plain text are asked for. */
export const placeOf = ({ endpoint }: UnionBackend): UnionOptions => ({
  endpoint,
  insecure: true,
  project: "proj",
  domain: "development",
});

/** Backends and builds of one test file. Nothing that any of them says may hold a secret. */
export function openTestbed(): Testbed {
  const steps: (() => unknown)[] = [];
  const said: unknown[] = [];
  const defer = (step: () => unknown): void => void steps.push(step);
  const output = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write"));
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const step of steps.splice(0).reverse()) await step();
  });
  afterAll(() => {
    expectNoSecrets(said);
    expectNoSecrets(output.map((spy) => spy.mock.calls));
  });

  async function build({ host = {}, spec, limits, ...parts }: Parts): Promise<Started> {
    const made = await unionRequest({ packages: ["a"], name: "app", ...spec }, parts);
    defer(made.dispose);
    const result = unionWithin({ ...defaultLimits, ...limits }, {}, host).build(made.request);
    said.push(made.events);
    result.then(
      (value) => said.push(value),
      (error) => said.push(error),
    );
    return { ...made, result };
  }

  async function failure(parts: Parts): Promise<ImageSpecError> {
    const { result } = await build(parts);
    const error = await result.catch((fault: unknown) => fault);
    if (!ImageSpecError.isInstance(error)) throw new Error(`not an error of ours: ${inspect(error)}`);
    expect(error.details.hint).toEqual(expect.any(String));
    return error;
  }

  return {
    async backend(options = {}) {
      const backend = await startUnionBackend({ executor: naming, ...options });
      defer(backend.stop);
      return backend;
    },
    async folder() {
      const folder = await mkdtemp(path.join(tmpdir(), "imagespec-union-"));
      defer(() => rm(folder, { recursive: true, force: true }));
      return folder;
    },
    build,
    failure,
    defer,
  };
}
