import { execa } from "execa";
import { expect, test } from "vitest";
import { prepareCommands } from "./commands.ts";

const python = (await execa("sh", ["-c", "command -v python3"])).stdout;

async function pythonOfUv(interpreter: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const words = ["-e", "-c", "--", `${prepareCommands(interpreter)}\necho "\${UV_PYTHON-none}"`];
  const options = { env: { PATH: process.env.PATH ?? "", ...env }, extendEnv: false };
  return (await execa("/bin/sh", words, options)).stdout;
}

test("uv installs into the Python that the image runs", async () => {
  expect(await pythonOfUv("")).toBe(python);
});

test("a virtual environment, which uv finds by itself, and what the base says are left alone", async () => {
  expect(await pythonOfUv("", { VIRTUAL_ENV: "/opt/venv" })).toBe("none");
  expect(await pythonOfUv("", { UV_PYTHON: "/opt/python" })).toBe("/opt/python");
});

test("where there is no Python, uv is told of none", async () => {
  expect(await pythonOfUv("", { PATH: "/nowhere" })).toBe("none");
});

test("the interpreter that the spec names counts before all, whatever its name holds", async () => {
  const name = '/srv/it\'s $(touch /pwned) "mine"/python';
  expect(await pythonOfUv(name, { VIRTUAL_ENV: "/opt/venv" })).toBe(name);
});
