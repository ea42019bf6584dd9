import Docker from "dockerode";

export type EngineTls = Readonly<{ ca: string; cert: string; key: string }>;

/** A client of the engine at a `DOCKER_HOST` of the form `unix://…` or `tcp://…`. */
export function connectEngine(dockerHost: string, tls?: EngineTls): Docker {
  const url = new URL(dockerHost);
  if (url.protocol === "unix:") return new Docker({ socketPath: url.pathname });
  const protocol = tls === undefined ? "http" : "https";
  return new Docker({ host: url.hostname, port: Number(url.port), protocol, ...tls });
}

type ProgressMessage = Readonly<{
  error?: string;
  stream?: string;
  status?: string;
  aux?: { Digest?: string };
}>;

/**
 * Reads what the engine answers to build, load, pull and push, to its end.
 * @throws Error for a failure told inside the answer, whose HTTP status is 200 all the same.
 */
export async function followAnswer(stream: NodeJS.ReadableStream): Promise<readonly ProgressMessage[]> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  const messages = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as ProgressMessage);
  const failure = messages.find((message) => message.error !== undefined);
  if (failure?.error === undefined) return messages;
  const output = messages.map((message) => message.stream ?? "").join("");
  throw new Error(`${failure.error}\n${output.slice(-4000)}`);
}
