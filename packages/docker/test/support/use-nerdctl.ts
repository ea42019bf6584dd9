import { startContainerd } from "@imagespec/test-services";
import { execa } from "execa";
import type { EngineUnderTest, Inspected } from "./engine-under-test.ts";

/** nerdctl with a private containerd and BuildKit. */
export async function useNerdctl(): Promise<EngineUnderTest> {
  const { directory, environment, stop } = await startContainerd();
  const tool = async (...command: readonly string[]): Promise<string> => {
    const [program = "", ...words] = command;
    return (await execa(program, words, { env: environment })).stdout;
  };
  return {
    name: "nerdctl",
    version: /^2\.\d+\.\d+$/,
    environment: { ...environment, IMAGESPEC_ENGINE: "nerdctl" },
    folder: directory,
    startsFromStore: false,
    hostAddress: "127.0.0.1",
    sameTimes: "refused",
    attests: false,
    async forget() {
      await tool("nerdctl", "image", "prune", "--all", "--force");
      await tool("buildctl", "--addr", environment.BUILDKIT_HOST!, "prune", "--all");
    },
    run: (reference, command) =>
      tool("nerdctl", "run", "--rm", "--net=none", "--entrypoint=", reference, ...command),
    inspect: async (reference) =>
      (JSON.parse(await tool("nerdctl", "image", "inspect", reference))[0] as { Config: Inspected }).Config,
    leftovers: async () => (await tool("nerdctl", "ps", "--all", "--quiet")).split("\n").filter(Boolean),
    stop,
  };
}
