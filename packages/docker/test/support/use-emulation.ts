import { join } from "node:path";
import { ensureArm64Base, startEmulation } from "@imagespec/test-services";
import { execa } from "execa";
import { type EngineUnderTest, useProgram } from "./engine-under-test.ts";
import { newReference } from "./suite-builds.ts";

/** buildah where programs of arm64 run, and a base for them in the registry. */
export async function useEmulation(): Promise<EngineUnderTest & Readonly<{ base: string }>> {
  const [tar, emulation, engine] = await Promise.all([
    ensureArm64Base(),
    startEmulation(),
    useProgram("buildah"),
  ]);
  const folder = await emulation.wrap("buildah");
  const own = { PATH: `${folder}:${process.env.PATH}`, BUILDAH_RUNTIME: emulation.runtime };
  const environment = { ...engine.environment, ...own };
  const buildah = async (...words: readonly string[]): Promise<string> =>
    (await execa(join(folder, "buildah"), words, { env: environment })).stdout;
  const base = newReference();
  const container = await buildah("from", "scratch");
  await buildah("add", container, tar, "/");
  // What was only unpacked knows no users, and so no home of theirs.
  const variables = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/root"].flatMap((one) => ["--env", one]);
  await buildah("config", "--arch", "arm64", ...variables, container);
  await buildah("commit", "--rm", container, base);
  await buildah("push", "--tls-verify=false", base);
  return {
    ...engine,
    environment,
    base,
    run: async (reference, command) => {
      const made = await buildah("from", "--pull-never", reference);
      return buildah("run", made, "--", ...command);
    },
    stop: async () => {
      await emulation.stop();
      await engine.stop();
    },
  };
}
