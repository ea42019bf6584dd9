import { readFileSync } from "node:fs";
import { parseImageSpec, resolvePlan } from "@imagespec/core";
import { afterEach, expect, test, vi } from "vitest";
import { chooseContext } from "./use-context.ts";

type Case = Readonly<{
  id: string;
  spec: Readonly<Record<string, unknown>>;
  processEnv?: Readonly<Record<string, string>>;
  commands?: readonly (readonly string[])[];
}>;

const { cases } = JSON.parse(
  readFileSync(new URL("../../testdata/flytekit-envd.json", import.meta.url), "utf8"),
) as { cases: readonly Case[] };
const ours = { builder: "moby-worker" };

afterEach(() => vi.unstubAllEnvs());

async function chosenFor(spec: Case["spec"], options: Parameters<typeof chooseContext>[0] = {}) {
  const { registry } = spec;
  const plan = await resolvePlan(
    parseImageSpec({ baseImage: "debian:12", platform: "linux/amd64", registry }),
  );
  return chooseContext(options, plan);
}

/** What flytekit tells envd to build on: a context by name, the sandbox's, or the one that it makes for all others. */
function choiceOf(commands: readonly (readonly string[])[]): unknown {
  const words = commands.at(-2) ?? [];
  const after = (option: string): string | undefined => words[words.indexOf(option) + 1];
  if (words[2] === "use" && after("--name") !== "flyte") return after("--name");
  return after("--builder") === "tcp" ? { builder: "tcp", address: after("--builder-address") } : ours;
}

const built = cases.flatMap(({ commands, ...one }) => (commands ? [{ ...one, commands }] : []));

test.each(built.map((one) => [one.id, one] as const))("%s: the context of flytekit", async (_id, one) => {
  vi.stubEnv("FLYTE_ENVD_CONTEXT", undefined);
  for (const [name, value] of Object.entries(one.processEnv ?? {})) vi.stubEnv(name, value);
  expect(await chosenFor(one.spec)).toEqual(choiceOf(one.commands));
});

test("the spec's own choice is before that of the environment, and an empty one of that is none", async () => {
  vi.stubEnv("FLYTE_ENVD_CONTEXT", "theirs");
  const registry = "localhost:30000";
  expect(await chosenFor({ registry }, { context: "mine" })).toBe("mine");
  expect(await chosenFor({ registry })).toBe("theirs");
  vi.stubEnv("FLYTE_ENVD_CONTEXT", "");
  expect(await chosenFor({ registry: "http://localhost:30000" })).toMatchObject({ builder: "tcp" });
  expect(await chosenFor({})).toEqual(ours);
});
