import { createHash, randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import type { BuildEvent, ImageSpec } from "@imagespec/core";
import { expect, test, vi } from "vitest";
import { type EngineUnderTest, inTemporaryFolder, temporaryFilesIn } from "./engine-under-test.ts";
import { watchCommands } from "./processes.ts";
import { baseImages, buildSpecs, countIn, linesOf, push, run, writeFiles } from "./suite-builds.ts";

const file = "/etc/not/there/token";
const variable = "PLANTED";
/** Tells what a step was lent by its digest, for what a step prints of a secret is masked. */
const look = (step: string) =>
  `echo ${step}: $(cat ${file} | sha256sum) $(printf %s $${variable} | sha256sum)`;

const digest = (text: string) => createHash("sha256").update(text).digest("hex");
const seen = (step: string, secret: string) => `${step}: ${digest(secret)} - ${digest(secret)} -`;

/** A configuration of apt's that is a secret itself: it asks no server, and looks at what else the step was lent. */
const aptConfiguration = (mark: string) =>
  [
    'Dir::Etc::SourceList "/dev/null"; Dir::Etc::SourceParts "/dev/null"; APT::Get::List-Cleanup "false";',
    `APT::Update::Pre-Invoke { "${look("apt")}"; };`,
    `// ${mark}`,
  ].join("\n");

/** In place of micromamba: it looks as well, and takes the base's Python for an environment. */
const micromamba = [
  "#!/bin/sh -e",
  look("conda"),
  'while [ "$1" != --prefix ]; do shift; done',
  'mkdir -p "$2/bin"; ln -s "$(command -v python3)" "$2/bin/python"',
].join("\n");

/** Secrets for steps of every kind but pip, at a path that is not there, at one of apt's, and in a variable. */
export function testEngineSecrets(current: () => EngineUnderTest): void {
  async function specWith(commands: readonly string[]): Promise<ImageSpec> {
    const script = `printf '%s\\n' '${micromamba}' > /usr/bin/micromamba; chmod +x /usr/bin/micromamba`;
    const steps = ["apt", "conda", "commands"] as const;
    const docker = {
      micromambaImage: await push([run(script)], {}),
      secretMounts: [
        { secret: "apt.conf", target: "/etc/apt/apt.conf.d/99planted", steps: ["apt"] },
        { secret: "token", target: file, steps },
        { secret: "token", target: variable, steps },
      ],
    };
    return {
      name: `secrets-${randomUUID()}`,
      baseImage: baseImages["python-nonroot"],
      aptPackages: ["bash"],
      condaPackages: ["gdal"],
      commands,
      builderOptions: { docker },
    };
  }

  test("a secret reaches its step, and stays nowhere", () =>
    inTemporaryFolder(async (cwd) => {
      const mark = `planted-${randomUUID()}`;
      const [token, rotated] = [`${mark}-token`, `${mark}-rotated`];
      await writeFiles(cwd, { "apt.conf": aptConfiguration(mark), "temporary/.keep": "" });
      vi.stubEnv("TMPDIR", `${cwd}/temporary`);
      const spec = await specWith([look("commands"), `ls -d ${file}`]);
      const watched = watchCommands();
      const building = buildSpecs(cwd, [spec], { secrets: { token: { value: token } } });
      await Promise.allSettled([building]);
      expect((await watched.stop()).filter((line) => line.includes(mark))).toEqual([]);
      const { outcomes, events } = await building;
      const lines = linesOf(events);
      for (const step of ["apt", "conda", "commands"]) expect(lines).toContain(seen(step, token));

      // Another value builds nothing anew, and is left nowhere by a step that fails.
      const later: BuildEvent[] = [];
      const failing = { ...spec, commands: [look("commands"), "exit 7"] };
      const onEvent = (event: BuildEvent) => later.push(event);
      const failed = buildSpecs(cwd, [failing], { secrets: { token: { value: rotated } }, onEvent });
      const error = await failed.catch((fault: unknown) => fault);
      expect(error).toMatchObject({
        code: "BUILD_STEP_FAILED",
        details: { step: { exitCode: 7, log: expect.arrayContaining([seen("commands", rotated)]) } },
      });
      expect(linesOf(later).filter((line) => /^(apt|conda): /.test(line))).toEqual([]);

      const { reference } = outcomes[0]!;
      const config = await current().inspect(reference);
      expect(
        JSON.stringify([outcomes, events, later, error, (error as Error).message, config]),
      ).not.toContain(mark);
      expect(JSON.stringify(config.Labels)).not.toMatch(/secretMounts|99planted|apt\.conf/);
      const search = `ls -d /etc/not /etc/apt/apt.conf.d/99planted; ls -A /dev/.imagespec; env | grep ${variable}`;
      const stayed = await current().run(reference, ["sh", "-c", `(${search}) 2>/dev/null; echo end`]);
      expect(stayed.trim()).toBe("end");
      await rm(`${cwd}/apt.conf`);
      expect(await countIn(current().folder, mark)).toBe(0);
      expect(await temporaryFilesIn(`${cwd}/temporary`)).toEqual([".keep"]);
    }));
}
