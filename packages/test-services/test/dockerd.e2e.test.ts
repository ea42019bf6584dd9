import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { basename, join } from "node:path";
import { expect, inject, test } from "vitest";
import { type Dockerd, startDockerd } from "../src/dockerd.ts";
import { followAnswer } from "../src/engine.ts";
import { tracesOf } from "./traces.ts";

/** A container that runs until it is ended from outside; it can reach the network. */
async function startContainer(engine: Dockerd): Promise<void> {
  const image = inject("services").baseImages["python-nopip"];
  await followAnswer(await engine.client.pull(image));
  const container = await engine.client.createContainer({ Image: image, Cmd: ["sleep", "infinity"] });
  await container.start();
}

test("an engine with a running container leaves nothing when it is stopped", async () => {
  const engine = await startDockerd();
  await startContainer(engine);
  expect(await tracesOf(engine.directory)).toContainEqual(expect.stringMatching(/^process .*dockerd/));
  await engine.stop();
  expect(await tracesOf(engine.directory)).toEqual([]);
});

const links = "/sys/class/net";
/** `NET_ADDR_SET` of Linux' netdevice.h: somebody gave the link its address. */
const GIVEN = "3";

test("a bridge keeps its address whatever container ends", async () => {
  const engine = await startDockerd();
  const read = (link: string, name: string) => readFileSync(join(links, link, name), "utf8").trim();
  const bridges = readdirSync(links).filter((link) => read(link, "ifalias") === basename(engine.directory));
  expect(bridges.map((link) => read(link, "addr_assign_type"))).toEqual([GIVEN]);
  await engine.stop();
});

test("a crash ends every process and leaves the socket's file, until the engine is stopped", async () => {
  const engine = await startDockerd();
  await startContainer(engine);
  await engine.kill();
  expect(existsSync(engine.socketPath ?? "")).toBe(true);
  await expect(engine.client.ping()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await engine.stop();
  expect(await tracesOf(engine.directory)).toEqual([]);
});

test("several engines run at once and do not see each other", async () => {
  const engines = await Promise.all([startDockerd(), startDockerd()]);
  await followAnswer(await engines[0].client.pull(inject("services").baseImages["python-nopip"]));
  const images = await Promise.all(engines.map((engine) => engine.client.listImages()));
  expect(images.map((list) => list.length)).toEqual([1, 0]);
  await Promise.all(engines.map((engine) => engine.stop()));
  const traces = engines.map((engine) => tracesOf(engine.directory));
  expect((await Promise.all(traces)).flat()).toEqual([]);
});

test("an engine on a port", async () => {
  const engine = await startDockerd({ listen: "tcp" });
  expect(engine.dockerHost).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
  expect((await engine.client.version()).Version).toBe(engine.version);
  await engine.stop();
});

test("an engine that wants a client certificate", async () => {
  const engine = await startDockerd({ listen: "tls" });
  expect((await engine.client.version()).Version).toBe(engine.version);
  const { ca = "", certificatePath = "" } = engine.tls ?? {};
  expect(await readFile(join(certificatePath, "cert.pem"), "utf8")).toBe(engine.tls?.cert);
  const url = engine.dockerHost.replace("tcp:", "https:");
  const refused = new Promise((resolve, reject) => {
    request(`${url}/version`, { ca }, resolve).on("error", reject).end();
  });
  await expect(refused).rejects.toThrow();
  await engine.stop();
});

test("an engine that cannot start tells its log and leaves nothing", async () => {
  const failing = startDockerd({ configuration: { "storage-driver": "unheard-of" } });
  await expect(failing).rejects.toThrow(/ended before it was ready:.*unheard-of/s);
});
