import { ImageSpecError } from "@imagespec/core";
import { expect, test } from "vitest";
import { forgottenContainers } from "./forgotten-containers.ts";

const [first, second] = ["a".repeat(64), "b".repeat(64)];

test("containers that could not be removed are those that buildah names", () => {
  const log = [
    `time="2026-01-01T00:00:00Z" level=error msg="error unmounting container: saving updated state for build container \\"${first}\\": saving builder state to \\"/graph\\""`,
    `deleting build container "${second}": 1 error occurred:`,
    `deleting build container "${first}"; rm -rf /`,
    'deleting build container "--all"',
  ];
  const failed = (code: string) => new ImageSpecError(code, "full", { step: { name: "RUN x", log } });
  expect(forgottenContainers(failed("ENGINE_DISK_FULL"))).toEqual([first, second]);
  expect(forgottenContainers(failed("BUILD_STEP_FAILED"))).toEqual([]);
  expect(forgottenContainers(new Error(log[1]))).toEqual([]);
});
