import type Docker from "dockerode";
import { followAnswer } from "./engine.ts";
import { waitUntil } from "./wait-until.ts";

const image = "docker.io/library/registry:2";

/**
 * A registry in a container of an engine that can pull one, for machines that have no `docker-registry` program: on
 * loopback, removed by `stop`.
 */
export async function startContainerRegistry(
  client: Docker,
): Promise<Readonly<{ host: string; stop(): Promise<void> }>> {
  await followAnswer(await client.pull(image));
  const HostConfig = {
    AutoRemove: true,
    PortBindings: { "5000/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
  };
  const container = await client.createContainer({
    Image: image,
    HostConfig,
    ExposedPorts: { "5000/tcp": {} },
  });
  await container.start();
  const stop = (): Promise<void> => container.remove({ force: true, v: true });
  try {
    const { NetworkSettings } = await container.inspect();
    const host = `127.0.0.1:${NetworkSettings.Ports["5000/tcp"]?.[0]?.HostPort}`;
    await waitUntil(() => answers(host), { what: `the registry on ${host}` });
    return { host, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answers(host: string): Promise<true | undefined> {
  try {
    const { ok } = await fetch(`http://${host}/v2/`);
    return ok ? true : undefined;
  } catch {
    return undefined;
  }
}
