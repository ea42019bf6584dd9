import { readFile } from "node:fs/promises";
import { ImageSpecError, quoteShell, writeContext, writeSteps } from "@imagespec/core";
import type { Builder, BuildPlan, BuildRequest, BuildResult } from "@imagespec/core/builder";
import { execa } from "execa";

/** What makes the image: `emit` shows it, `build` runs it. */
function script(plan: BuildPlan): string {
  const lines = [`container=$(buildah from $REMOTE ${quoteShell(plan.base.reference)})`];
  const on = (words: readonly string[], more: readonly string[] = []): unknown =>
    lines.push(["buildah", ...words.map(quoteShell), "$container", ...more.map(quoteShell)].join(" "));
  lines.push("trap 'buildah rm $container' EXIT; trap 'exit 1' TERM");
  on(["config", `--workingdir=${plan.workDirectory}`]);
  const writers: Parameters<typeof writeSteps>[1] = {
    environment: (_, { variables, extraPath }) => {
      // buildah puts in what the base has for $NAME, and a dollar for two.
      for (const name in variables)
        on(["config", `--env=${name}=${variables[name]!.replaceAll("$", "$$$$")}`]);
      if (extraPath.length > 0) on(["config", `--env=PATH=${extraPath.join(":")}:$PATH`]);
    },
    python: (_, { version }) => on(["run"], ["--", "sh", "-c", `python3 --version | grep -F " ${version}."`]),
    files: (_, { trees }) => trees.forEach((tree) => void on(["copy"], [tree.context, tree.target])),
    commands: (_, step) => on(["run", "--user=root"], ["--", "/bin/sh", "-ec", step.commands.join("\n")]),
    entrypoint: (_, step) => on(["config", "--entrypoint", JSON.stringify(step.arguments)]),
  };
  writeSteps({ plan }, writers);
  lines.push("buildah push $REMOTE --digestfile=digest $(buildah commit $container) docker://$REFERENCE\n");
  return lines.join("\n");
}

async function build({ plan, reference, services, signal }: BuildRequest<unknown>): Promise<BuildResult> {
  const cwd = await services.temporaryDirectory();
  await writeContext(services.context(), cwd);
  const step = { image: reference, step: "1", name: "buildah" };
  services.emit({ type: "step-start", ...step, time: Date.now() });
  const env = { REFERENCE: reference, REMOTE: `--tls-verify=${!plan.destination.insecure}` };
  const child = execa("sh", ["-ec", script(plan)], { cwd, env, all: true, reject: false, detached: true });
  signal.addEventListener("abort", () => child.exitCode ?? process.kill(-child.pid!));
  for await (const line of child.iterable({ from: "all" }))
    services.emit({ type: "step-log", ...step, stream: "stdout", line });
  const { exitCode, all } = await child;
  services.emit({ type: "step-end", ...step, time: Date.now(), cached: false });
  if (exitCode === 0) return { reference, digest: await readFile(`${cwd}/digest`, "utf8"), warnings: [] };
  const failed = { name: "buildah", exitCode, log: all.split("\n").slice(-20) };
  throw new ImageSpecError("BUILDAH_FAILED", "buildah failed", { step: failed });
}

export default (): Builder => ({
  interfaceVersion: 1,
  name: "buildah",
  capabilities: { files: true, commands: true, entrypoint: true },
  async probe(_, cancelSignal) {
    const { exitCode, stdout = "" } = await execa("buildah", ["--version"], { cancelSignal, reject: false });
    if (exitCode === 0) return { available: true, version: stdout.replace(/^\D*([\d.]+).*/, "$1") };
    return { available: false, reason: "buildah does not run", hint: "sudo apt-get install buildah" };
  },
  emit: ({ plan }) => [{ path: "build.sh", content: script(plan) }],
  build,
});
