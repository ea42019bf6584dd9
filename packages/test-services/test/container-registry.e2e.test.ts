import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { startContainerRegistry } from "../src/container-registry.ts";
import { startDockerd } from "../src/dockerd.ts";
import { connectEngine, followAnswer } from "../src/engine.ts";
import { pushImage } from "../src/push-image.ts";
import { findProgram } from "../src/system-packages.ts";

const configuration = {
  version: "0.1",
  storage: { filesystem: { rootdirectory: "/var/lib/registry" } },
  http: { addr: ":5000" },
};

/** The image that engines pull as registry:2, from Debian's program. */
async function publishRegistryImage(directory: string): Promise<void> {
  const { dockerHost, registry, baseImages } = inject("services");
  const client = connectEngine(dockerHost);
  const lines = [
    `FROM ${baseImages["python-nopip"]}`,
    "COPY docker-registry config.yml /srv/",
    'CMD ["/srv/docker-registry", "serve", "/srv/config.yml"]',
  ];
  await copyFile(findProgram("docker-registry") ?? "", join(directory, "docker-registry"));
  await writeFile(join(directory, "config.yml"), JSON.stringify(configuration));
  await writeFile(join(directory, "Dockerfile"), lines.join("\n"));
  const src = ["Dockerfile", "docker-registry", "config.yml"];
  const reference = `${registry}/library/registry:2`;
  await followAnswer(await client.buildImage({ context: directory, src }, { t: reference }));
  await pushImage(client, reference);
}

test("a registry in a container, pulled as other people's engines pull it", async () => {
  const mirrors = [`http://${inject("services").registry}`];
  const engine = await startDockerd({ configuration: { "registry-mirrors": mirrors } });
  const scratch = await mkdtemp(join(engine.directory, "image-"));
  await publishRegistryImage(scratch);
  const registry = await startContainerRegistry(engine.client);
  const reference = `${registry.host}/some/image:1`;
  await engine.client.getImage("registry:2").tag({ repo: `${registry.host}/some/image`, tag: "1" });
  expect(await pushImage(engine.client, reference)).toMatch(/^sha256:[0-9a-f]{64}$/);
  await registry.stop();
  expect(await engine.client.listContainers({ all: true })).toEqual([]);
  await rm(scratch, { recursive: true });
  await engine.stop();
});
