import type { KnownStep } from "@imagespec/core";
import { expect, test } from "vitest";
import { aptStep, commandsStep, everyStep, secretFaults } from "../../test/support/lent-steps.ts";
import { emit, planInput } from "../../test/support/plan-input.ts";
import { readDockerfile, readMounts, readWords } from "../../test/support/read-dockerfile.ts";
import { docker } from "../builder.ts";
import type { LentSecret } from "../secret-mount-option.ts";

/** What each RUN is lent: by what it runs, `id=where`. */
function lent(steps: readonly KnownStep[], secretMounts: readonly LentSecret[]): Record<string, string[]> {
  const runs = readDockerfile(emit(steps, { options: { secretMounts } }).text).filter(
    ({ keyword }) => keyword === "RUN",
  );
  return Object.fromEntries(
    runs.map((run) => {
      const words = readWords(run);
      const end = words[2] === "/dev/.imagespec/secrets.sh" ? words.indexOf("--") : 2;
      const [, , program = ""] = words.slice(end === 2 ? 0 : end + 1);
      const ids = readMounts(run).filter(({ type }) => type === "secret");
      expect(ids.map(({ target }) => target)).toEqual(ids.map((_, n) => `/dev/.imagespec/secrets/${n + 1}`));
      return [program, words.slice(3, Math.max(end, 3)).map((target, n) => `${ids[n]?.id}=${target}`)];
    }),
  );
}

test("a secret without steps is lent to every step that runs something of the spec's", () => {
  const secrets = [
    { secret: "token", target: "TOKEN" },
    { secret: "keys/netrc", target: "/etc/app/netrc" },
  ];
  expect(lent(everyStep, secrets)).toMatchInlineSnapshot(`
    {
      "-c": [
        "token=variable:TOKEN",
        "keys/netrc=file:/etc/app/netrc",
      ],
      "/dev/.imagespec/apt.sh": [
        "token=variable:TOKEN",
        "keys/netrc=file:/etc/app/netrc",
      ],
      "/dev/.imagespec/conda.sh": [
        "token=variable:TOKEN",
        "keys/netrc=file:/etc/app/netrc",
      ],
      "/dev/.imagespec/requirements.sh": [
        "own=file:/own",
        "token=variable:TOKEN",
        "keys/netrc=file:/etc/app/netrc",
      ],
      "/dev/.imagespec/uv.sh": [
        "own=file:/own",
        "token=variable:TOKEN",
        "keys/netrc=file:/etc/app/netrc",
      ],
    }
  `);
});

test("a secret with steps is lent to those alone", () => {
  expect(
    lent(everyStep, [
      { secret: "a", target: "A", steps: ["apt", "commands"] },
      { secret: "c", target: "/c", steps: ["conda"] },
      { secret: "p", target: "/p", steps: ["pip", "pip"] },
    ]),
  ).toMatchInlineSnapshot(`
    {
      "-c": [
        "a=variable:A",
      ],
      "/dev/.imagespec/apt.sh": [
        "a=variable:A",
      ],
      "/dev/.imagespec/conda.sh": [
        "c=file:/c",
      ],
      "/dev/.imagespec/requirements.sh": [
        "own=file:/own",
        "p=file:/p",
      ],
      "/dev/.imagespec/uv.sh": [
        "own=file:/own",
        "p=file:/p",
      ],
    }
  `);
});

test("steps that are lent nothing are as they were", () => {
  const without = emit([aptStep, commandsStep]).text;
  const [image, ...rest] = emit([aptStep, commandsStep], {
    options: { secretMounts: [{ secret: "a", target: "A", steps: ["commands"] }] },
  }).text.split("RUN --mount=type=bind,source=.imagespec/secrets.sh");
  expect(rest).toHaveLength(1);
  expect(without.startsWith(image!)).toBe(true);
});

test("whoever builds an emitted folder is asked for each secret once, with all its targets", () => {
  const secretMounts = [
    { secret: "token", target: "TOKEN" },
    { secret: "token", target: "/run/token" },
  ];
  const { secrets, files } = emit([aptStep, commandsStep], { options: { secretMounts } });
  expect(secrets).toEqual([{ id: "token", target: "variable TOKEN, /run/token" }]);
  const script = files.find(({ path }) => path === "build.sh")?.content;
  expect(script).toContain("path of a file with the secret token (variable TOKEN, /run/token)}");
});

test("secrets for steps that a spec does not have are refused, and a secret for none at all is told", () => {
  expect([
    ...secretFaults(
      [commandsStep],
      [{ secret: "a", target: "A", steps: ["commands", "apt", "conda", "apt"] }],
    ),
    ...secretFaults([], [{ secret: "a", target: "A", steps: ["pip"] }]),
    ...secretFaults([], [{ secret: "a", target: "A" }]),
  ]).toMatchInlineSnapshot(`
    [
      "error DOCKER_SECRET_STEP …[0].steps: this spec has no apt step to lend a secret to (name steps that it has: pip, commands)",
      "error DOCKER_SECRET_STEP …[0].steps: this spec has no conda step to lend a secret to (name steps that it has: pip, commands)",
      "error DOCKER_SECRET_STEP …[0].steps: this spec has no pip step to lend a secret to (leave the secret out)",
      "warning DOCKER_UNUSED_SECRET …[0]: no step of this spec can be lent a secret (leave the secret out)",
    ]
  `);
});

test("what docker() lends to all specs goes where a spec has something for it", () => {
  const builder = docker({
    secretMounts: [
      { secret: "a", target: "A", steps: ["apt", "conda"] },
      { secret: "b", target: "B" },
    ],
  });
  const faultsOf = (steps: readonly KnownStep[]) => builder.check?.(planInput(steps));
  expect([faultsOf([]), faultsOf([aptStep]), faultsOf([commandsStep])]).toEqual([[], [], []]);
  const [dockerfile] = builder.emit?.(planInput([aptStep])) ?? [];
  expect(dockerfile?.content).toContain('"variable:A", "variable:B", "--"');
});

test("neither secrets nor where they go are part of a tag", () => {
  const builder = docker({ secretMounts: [{ secret: "a", target: "A" }] });
  expect(builder.fingerprintOptions?.({ secretMounts: [{ secret: "b", target: "/b" }] })).toEqual({});
});
