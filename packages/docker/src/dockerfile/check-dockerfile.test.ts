import type { KnownStep } from "@imagespec/core";
import { ImageSpecError } from "@imagespec/core";
import { describe, expect, test } from "vitest";
import {
  emit,
  environmentStep,
  type PlanParts,
  planInput,
  projectStep,
  requirementsStep,
} from "../../test/support/plan-input.ts";
import { checkDockerfile } from "./emit-dockerfile.ts";

function codes(steps: readonly KnownStep[], parts?: PlanParts): string[] {
  return checkDockerfile(planInput(steps, parts)).map(
    ({ code, field, severity }) => `${severity} ${code} ${field}`,
  );
}

describe("refusals", () => {
  test.each<[string, KnownStep]>([
    ["env.A", environmentStep({ A: "\0" })],
    ["env.A", environmentStep({ A: "\ud800" })],
    ["extraPath", environmentStep({}, ["\0"])],
    ["commands[1]", { kind: "commands", commands: ["true", "a\0b"] }],
    ["aptPackages[0]", { kind: "apt", packages: ["\0"] }],
    ["condaPackages[0]", { kind: "conda", packages: ["\0"], channels: [] }],
    ["entrypoint[0]", { kind: "entrypoint", arguments: ["\0"] }],
    ["packages[0]", requirementsStep(["\0"])],
    ["labels.a", { kind: "labels", labels: { a: "\0" } }],
    ["pythonExec", { kind: "python", executable: "\0" }],
  ])("text that no image holds, in %s", (field, step) => {
    const packages = step.kind === "python" ? [step, requirementsStep(["a"])] : [step];
    expect(codes(packages)).toContain(`error DOCKER_VALUE_NOT_TEXT ${field}`);
    expect(() => emit(packages)).toThrow(ImageSpecError);
  });

  test("all of them at once, each with what helps", () => {
    const steps: KnownStep[] = [
      { kind: "cuda", cuda: "12.4" },
      environmentStep({ "A B": "", IMAGESPEC_ID: "mine", LONG: "x".repeat(140_000) }, ["/a:/b"]),
      requirementsStep(["a"], {
        secrets: [
          { id: 'a"b', target: "/x", kind: "file" },
          { id: "token", target: "not/a/name", kind: "variable" },
        ],
      }),
      { kind: "commands", commands: ["x".repeat(140_000)] },
      { kind: "labels", labels: { "dev.imagespec.tag": "mine", 'a"b': "" } },
    ];
    const found = checkDockerfile(planInput(steps, { config: { user: "a b" }, options: { uvImage: "$X" } }));
    const unique = new Map(found.map((issue) => [JSON.stringify(issue), issue]));
    expect(
      [...unique.values()].map(({ code, field, message, hint }) => `${code} ${field}: ${message} (${hint})`),
    ).toMatchInlineSnapshot(`
      [
        "DOCKER_SECRET_NAME pipSecretMounts: engines cannot be told of a secret "a\\"b" (copy it to a path without quotes, commas, $, <, \\ and control characters)",
        "DOCKER_SECRET_NAME pipSecretMounts: a secret cannot be put at "not/a/name" (give an absolute path of the image in its shortest form, or the name of a variable)",
        "DOCKER_UNKNOWN_STEP cuda: the docker builder has no cuda step (name a base image with CUDA)",
        "DOCKER_BASE_USER baseImage: the base runs as "a b" (give the base a user with a plain name or number)",
        "DOCKER_REFERENCE builderOptions.docker.uvImage: "$X" is not the name of an image (write it as registry/name:tag)",
        "DOCKER_VARIABLE_NAME env: "A B" cannot be the name of a variable (a name has letters, digits, _ . and -, and does not start with a digit)",
        "DOCKER_VARIABLE_NAME env: IMAGESPEC_ID is set by imagespec (choose a name that does not start so)",
        "DOCKER_TOO_LONG env.LONG: no program could be started with a variable that long (put it into a file and copy that)",
        "DOCKER_EXTRA_PATH extraPath: PATH would take "/a:/b" for several folders (give each folder as an entry of its own)",
        "DOCKER_TOO_LONG commands: the commands are too long for one shell (copy them as a script and run that)",
        "DOCKER_LABEL_NAME labels: labels named dev.imagespec.… are set by imagespec (choose another name)",
        "DOCKER_LABEL_NAME labels: "a\\"b" cannot be the name of a label (a label's name has neither blanks nor quotes, $, = or \\)",
      ]
    `);
  });

  test("more layers than an engine holds", () => {
    const trees = Array.from({ length: 65 }, (_, n) => ({
      target: `/${n}`,
      context: `copy/${n}`,
      files: [],
    }));
    const copies = (count: number): KnownStep => ({
      kind: "files",
      origin: "copy",
      trees: trees.slice(0, count),
    });
    expect(codes([copies(64)])).toEqual([]);
    expect(codes([copies(65)])).toEqual(["error DOCKER_TOO_MANY_COPIES copy"]);
  });

  test("the emitter throws the first and names the others", () => {
    try {
      emit([environmentStep({ "A B": "", "C D": "" })]);
      expect.unreachable();
    } catch (error) {
      if (!ImageSpecError.isInstance(error)) throw error;
      expect(error.code).toBe("DOCKER_VARIABLE_NAME");
      expect(error.details.issues).toHaveLength(2);
    }
  });

  test("a step of a later core is refused, not left out", () => {
    const later = { kind: "teleport" } as unknown as KnownStep;
    expect(codes([later])).toEqual(["error DOCKER_UNKNOWN_STEP undefined"]);
  });

  test("what has no effect is said", () => {
    expect(codes([{ kind: "conda", packages: [], channels: ["x"] }])).toEqual([
      "warning DOCKER_UNUSED_CHANNELS condaChannels",
    ]);
    const poetry = {
      ...projectStep("poetry"),
      index: { index: "https://index.example", extraIndexes: [], extraArguments: [] },
    } as KnownStep;
    expect(codes([poetry])).toEqual(["warning DOCKER_POETRY_INDEX pipIndex"]);
  });
});
