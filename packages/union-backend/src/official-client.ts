import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { cacheDirectory, ensureSystemPackages } from "@imagespec/test-services";

const run = promisify(execFile);
/** The client calls uv to look into locks. */
const packages = ["flyte==2.12.1", "uv"].join(" ");

/** The Python of a virtual environment that has the official client; kept between runs, another release makes it anew. */
export async function ensureOfficialClient(): Promise<string> {
  const environment = path.join(cacheDirectory, "union", "official");
  const python = path.join(environment, "bin", "python");
  const stamp = path.join(environment, "installed");
  const installed = await readFile(stamp, "utf8").catch(() => "");
  if (installed === packages) return python;
  await ensureSystemPackages(["pip3"]);
  await rm(environment, { recursive: true, force: true });
  await run("python3", ["-m", "venv", "--without-pip", environment]);
  await run("pip3", ["--python", python, "install", "--quiet", ...packages.split(" ")]);
  await writeFile(stamp, packages);
  return python;
}
