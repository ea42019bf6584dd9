import { readFile } from "node:fs/promises";
import type { connectEngine } from "@imagespec/test-services";
import { runContainer } from "../run-container.ts";

type Client = ReturnType<typeof connectEngine>;
type Named = Readonly<Record<string, string>>;
export type FoundFile = Readonly<{ mode: string; owner: string; content: string }>;

/** What an image is, for whoever runs it. */
export type Look = Readonly<{
  /** Of the Python that comes first on PATH. */
  python: string;
  user: string;
  /** Their homes. */
  accounts: Named;
  packages: Named;
  aptPackages: Named;
  environment: Named;
  /** Programs on PATH. */
  tools: Readonly<Record<string, boolean>>;
  modules: Named;
  files: Readonly<Record<string, FoundFile>>;
  configuration: Named;
  labels: Named;
  /** Which of the given secrets stand in the image's history. */
  history: readonly string[];
}>;

const script = await readFile(new URL("look_into.py", import.meta.url), "utf8");

/** Looks into an image in a container of it, as its user. */
export async function lookInto(
  client: Client,
  image: string,
  { modules, secrets }: Readonly<{ modules: readonly string[]; secrets: readonly string[] }>,
): Promise<Look> {
  const command = ["python3", "-P", "-c", script, ...modules];
  const [printed, { Config }, history] = await Promise.all([
    runContainer(client, image, { command }),
    client.getImage(image).inspect(),
    client.getImage(image).history(),
  ]);
  const told = JSON.stringify([history, Config]);
  const { Cmd, Entrypoint, WorkingDir, Shell } = Config as typeof Config & { Shell?: readonly string[] };
  const settings = { entrypoint: Entrypoint, command: Cmd, directory: WorkingDir, shell: Shell };
  return {
    ...JSON.parse(printed),
    configuration: Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [name, JSON.stringify(value ?? null)]),
    ),
    labels: Config.Labels ?? {},
    history: secrets.filter((secret) => told.includes(secret)),
  };
}
