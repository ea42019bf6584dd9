import type { connectEngine } from "@imagespec/test-services";

type Client = ReturnType<typeof connectEngine>;

/** The frames of a log: eight bytes with the stream and the length, then the bytes. */
function* frames(log: Buffer): Generator<Buffer> {
  for (let at = 0; at + 8 <= log.length; ) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    yield log.subarray(at + 8, end);
    at = end;
  }
}

/** Runs a command in a new container. Returns what it prints. Throws when it fails. */
export async function runContainer(
  client: Client,
  reference: string,
  options: Readonly<{
    command?: readonly string[];
    entrypoint?: readonly string[];
    user?: string | undefined;
  }>,
): Promise<string> {
  const { command, user } = options;
  const container = await client.createContainer({
    Image: reference,
    ...(command ? { Entrypoint: [...command] } : {}),
    ...(user === undefined ? {} : { User: user }),
  });
  try {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    const output = Buffer.concat([
      ...frames(await container.logs({ stdout: true, stderr: true })),
    ]).toString();
    if (StatusCode !== 0)
      throw new Error(`${command?.join(" ") ?? reference} exits ${StatusCode}:\n${output}`);
    return output;
  } finally {
    await container.remove({ force: true });
  }
}
