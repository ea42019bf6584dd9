import type { KnownStep } from "@imagespec/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hostileText } from "../../test/support/hostile-plans.ts";
import { aptStep, commandsStep, condaStep } from "../../test/support/lent-steps.ts";
import { planInput, requirementsStep } from "../../test/support/plan-input.ts";
import {
  type ReadInstruction,
  readDockerfile,
  readMounts,
  readWords,
} from "../../test/support/read-dockerfile.ts";
import type { LentSecret } from "../secret-mount-option.ts";
import { checkDockerfile, emitDockerfile } from "./emit-dockerfile.ts";

const steps: readonly KnownStep[] = [aptStep, condaStep, requirementsStep(["rich"]), commandsStep];
/** Of uv, apt, conda, requirements and commands. */
const LENT_RUNS = 5;

function inputWith(secretMounts: readonly LentSecret[]) {
  return planInput(steps, { options: { secretMounts } });
}

function instructions(secretMounts: readonly LentSecret[]): readonly ReadInstruction[] {
  return readDockerfile(emitDockerfile(inputWith(secretMounts)).text);
}

function keywords(read: readonly ReadInstruction[]): string[] {
  return read.map(({ keyword }) => keyword);
}

const plain = keywords(instructions([{ secret: "a", target: "A" }]));

const anySecret = fc.record({
  secret: hostileText,
  target: fc.oneof(
    hostileText,
    hostileText.map((text) => `/${text}`),
  ),
});

test("an id or a target is refused, or makes no other instruction", () => {
  fc.assert(
    fc.property(anySecret, (secret) => {
      const isRefused = checkDockerfile(inputWith([secret])).some(({ severity }) => severity === "error");
      if (isRefused) expect(() => instructions([secret])).toThrow();
      else expect(keywords(instructions([secret]))).toEqual(plain);
    }),
    { numRuns: 200 },
  );
});

const notInIds = /[\\"'$,<\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g;
const id = hostileText.map((text) => text.replaceAll(notInIds, "").trim()).filter((text) => text !== "");
const part = hostileText.map((text) => `x${text.replaceAll(/[\p{Cc}/]/gu, "")}`);
const carried = fc.record({ secret: id, target: part.map((text) => `/run/${text}`) });

test("what is not refused is told as it is, in the place that it is for", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(carried, { selector: ({ target }) => target, minLength: 1, maxLength: 3 }),
      (secrets) => {
        const runs = instructions(secrets)
          .filter(({ keyword }) => keyword === "RUN")
          .map((run) => ({ words: readWords(run), mounts: readMounts(run) }));
        expect(runs).toHaveLength(LENT_RUNS);
        for (const { words, mounts } of runs) {
          const targets = secrets.map(({ target }) => `file:${target}`);
          expect(words.slice(0, 5 + targets.length)).toEqual([
            ...["/bin/sh", "-e", "/dev/.imagespec/secrets.sh", ...targets, "--", "/bin/sh"],
          ]);
          expect(mounts.filter(({ type }) => type === "secret")).toEqual(
            secrets.map(({ secret }, index) => ({
              type: "secret",
              id: secret,
              target: `/dev/.imagespec/secrets/${index + 1}`,
              required: "true",
            })),
          );
        }
      },
    ),
    { numRuns: 150 },
  );
});
