import type Docker from "dockerode";
import { followAnswer } from "./engine.ts";

/** Pushes without credentials; returns the manifest's digest. */
export async function pushImage(client: Docker, reference: string): Promise<string> {
  // An engine refuses a push that carries no credentials at all.
  const answer = await client
    .getImage(reference)
    .push({ authconfig: { username: "", password: "", serveraddress: "" } });
  const messages = await followAnswer(answer);
  const digest = messages.map((message) => message.aux?.Digest).find((found) => found !== undefined);
  if (digest === undefined) throw new Error(`the push of ${reference} told no digest`);
  return digest;
}
