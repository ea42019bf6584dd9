import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectEngine, followAnswer, pushImage } from "@imagespec/test-services";

type Order = Readonly<{ dockerHost: string; reference: string; dockerfile: string }>;

/** Makes an image and pushes it to a registry without logins. */
export async function publishImage({ dockerHost, reference, dockerfile }: Order): Promise<void> {
  const client = connectEngine(dockerHost);
  const context = await mkdtemp(join(tmpdir(), "imagespec-base-"));
  try {
    await writeFile(join(context, "Dockerfile"), dockerfile);
    await followAnswer(await client.buildImage({ context, src: ["Dockerfile"] }, { t: reference }));
    await pushImage(client, reference);
  } finally {
    await rm(context, { recursive: true });
  }
}

/** A base that envd can install into: a program `python`, whose pip may. */
export function envdBase(systemBase: string): string {
  const settings = "printf '[global]\\nbreak-system-packages=true\\n' > /etc/pip.conf";
  return `FROM ${systemBase}\nRUN ln -s /usr/bin/python3 /usr/local/bin/python && ${settings}\n`;
}
