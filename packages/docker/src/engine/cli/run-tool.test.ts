import { expect, test } from "vitest";
import { runTool, type ToolRun } from "./run-tool.ts";

const count = 2000;
const script = `i=0; while [ $i -lt ${count} ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done; exit 3`;
const run = {
  command: ["/bin/sh", "-c", script],
  environment: {},
  endedBy: "interrupt",
  signal: new AbortController().signal,
} as const satisfies ToolRun;

test("what is merged comes in the order in which it was written", async () => {
  let text = "";
  const result = await runTool({
    ...run,
    isMerged: true,
    read: (part) => {
      text += Buffer.from(part).toString();
    },
  });
  const numbers = Array.from({ length: count }, (_, number) => number);
  expect(text).toBe(numbers.map((number) => `out ${number}\nerr ${number}\n`).join(""));
  expect(result).toMatchObject({ exitCode: 3, stderr: "", wasKilled: false });
});

test("what is not merged is kept apart", async () => {
  const { stdout, stderr } = await runTool({ ...run, command: ["/bin/sh", "-c", "echo a; echo b >&2"] });
  expect({ stdout, stderr }).toEqual({ stdout: "a\n", stderr: "b\n" });
});

test("no shell reads a merged command", async () => {
  const hostile = ["$(echo x)", "a b", "'", '"', "", "-e", "`id`", "\\", "ü\n"];
  const { stdout } = await runTool({
    ...run,
    isMerged: true,
    command: ["node", "-e", "console.log(JSON.stringify(process.argv.slice(1)))", "--", ...hostile],
  });
  expect(JSON.parse(stdout)).toEqual(hostile);
});
