import type { connectEngine } from "@imagespec/test-services";

type Client = ReturnType<typeof connectEngine>;

/** Runs a script in a new container of the image; gives what it prints. Throws when it fails. */
export async function runIn(
  client: Client,
  reference: string,
  options: Readonly<{ script: string; binds?: readonly string[] }>,
): Promise<string> {
  const container = await client.createContainer({
    Image: reference,
    Tty: true,
    Entrypoint: ["/bin/sh", "-e", "-c", options.script],
    HostConfig: { Binds: [...(options.binds ?? [])] },
  });
  try {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    const output = (await container.logs({ stdout: true, stderr: true })).toString().replaceAll("\r\n", "\n");
    if (StatusCode !== 0) throw new Error(`exits ${StatusCode}:\n${output}`);
    return output;
  } finally {
    await container.remove({ force: true });
  }
}

/** Pulls as anybody would. */
export async function pull(client: Client, reference: string): Promise<void> {
  const stream = await client.pull(reference);
  await new Promise<void>((resolve, reject) => {
    client.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
  });
}
