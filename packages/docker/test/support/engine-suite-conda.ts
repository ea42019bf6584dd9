import { randomUUID } from "node:crypto";
import type { ImageSpec } from "@imagespec/core";
import { expect, test } from "vitest";
import { type EngineUnderTest, inTemporaryFolder } from "./engine-under-test.ts";
import { micromambaCommands } from "./micromamba.ts";
import { inspectWith } from "./registry-inspect.ts";
import { baseImages, build, buildSpecs, linesOf, newReference, run } from "./suite-builds.ts";

/** Packages of conda, by a stand-in of micromamba in an image of its own. */
export function testEngineConda(current: () => EngineUnderTest): void {
  /** Where companies have micromamba's image. */
  async function pushTools(mark: string): Promise<string> {
    const lines = micromambaCommands(mark, "--copies --without-pip").map((command) => run(command));
    const services = { inspect: inspectWith() };
    const pushed = { destination: "registry", reference: newReference(), services } as const;
    return (await build(lines, pushed).result).reference;
  }

  test("conda's environment is the one that packages go to and that runs; another micromamba makes another", () =>
    inTemporaryFolder(async (cwd) => {
      for (const mark of ["first", "second"].map((name) => `${name}-${randomUUID()}`)) {
        const spec: ImageSpec = {
          name: "conda",
          baseImage: baseImages["python-nonroot"],
          condaPackages: ["gdal>=3"],
          condaChannels: ["https://conda.example/main"],
          packages: ["six==1.16.0"],
          builderOptions: { docker: { micromambaImage: await pushTools(mark) } },
        };
        const { outcomes, events } = await buildSpecs(cwd, [spec]);
        expect(linesOf(events)).toContain(`imagespec-test: micromamba ${mark}`);
        const script = "import six; print(six.__file__, *open('/opt/words').read().split()[-4:])";
        expect((await current().run(outcomes[0]!.reference, ["python", "-c", script])).trim()).toBe(
          "/opt/venv/lib/python3.11/site-packages/six.py --channel=https://conda.example/main -- python=3.12 gdal>=3",
        );
      }
    }));
}
