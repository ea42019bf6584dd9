import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type EmittedFile,
  engineLogin,
  isLoopbackHost,
  loginServer,
  parseImageReference,
} from "@imagespec/core";
import { buildImage, buildQuery } from "../build/build-image.ts";
import { type ContainerMark, endMarkedContainers, newContainerMark } from "../cli/container-mark.ts";
import type { Environment } from "../docker-config.ts";
import { type Endpoint, findEndpoint, isEndpointNamed } from "../endpoint.ts";
import { connectEngine, type Engine } from "../engine.ts";
import { describePodman } from "../engine-facts.ts";
import { engineLost } from "../engine-fault.ts";
import { findLocalImage, removeLocalImage } from "../local-image.ts";
import { StepProgress } from "../progress/step-progress.ts";
import { pushImage } from "../push-image.ts";
import type { Abilities } from "./abilities.ts";
import { containersAbilities } from "./containers-abilities.ts";
import { containersDockerfile } from "./containers-dockerfile.ts";
import type { BuildOrder, Driver, Lent, OpenEngine } from "./driver.ts";
import { PROXY_SECRET_ID, proxyScript, withProxySecret } from "./lent-proxies.ts";
import { readLogins } from "./read-logins.ts";
import { remediesOf } from "./remedies.ts";

/**
 * What secrets are called in the context, from which no instruction copies them. podman moves them out of it before it
 * builds, and finds only those at its top.
 */
const SECRET = ".imagespec-secret-";
/** The Dockerfile as podman wants it. */
const DOCKERFILE = ".imagespec-dockerfile";

/** Its API takes less than its command. */
const abilities: Abilities = {
  ...containersAbilities,
  cacheFrom: [],
  cacheTo: [],
  sourceDateEpoch: { reason: "with its API the images differ all the same" },
};

/** podman's socket: what it has of Docker's API, which is no BuildKit. */
export const podmanDriver: Driver = {
  name: "podman",
  async find({ environment, signal }) {
    const engine = connectEngine(await findPodman(environment));
    const { version, platform } = await describePodman(engine, signal);
    return {
      name: "podman",
      version,
      platform,
      address: engine.endpoint.address,
      detail: `${engine.endpoint.address} (podman, ${platform})`,
      abilities,
      findImage: (name, signal) => findLocalImage(engine, name, signal),
      open: async (lent) => openPodman(engine, lent),
    };
  },
};

/** Docker's variables and contexts where they name an engine, else podman's own socket where there is one. */
async function findPodman(environment: Environment): Promise<Endpoint> {
  const host = environment.CONTAINER_HOST;
  if (host) return findEndpoint({ ...environment, DOCKER_HOST: host });
  if (await isEndpointNamed(environment)) return findEndpoint(environment);
  const socket = usualSockets(environment).find((path) => existsSync(path));
  return findEndpoint(
    socket === undefined ? environment : { ...environment, DOCKER_HOST: `unix://${socket}` },
  );
}

function usualSockets({ XDG_RUNTIME_DIR }: Environment): readonly string[] {
  const own = XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, "podman/podman.sock")] : [];
  return [...own, "/run/podman/podman.sock"];
}

function openPodman(engine: Engine, lent: Lent): OpenEngine {
  return {
    build: async (order) => ({ localId: await build(engine, lent, order) }),
    push: (order) => pushImage(engine, order, tlsQuery([order.reference])),
    remove: (id) => removeLocalImage(engine, id),
    close: async () => {},
  };
}

async function build(engine: Engine, lent: Lent, order: BuildOrder): Promise<string> {
  const mark = newContainerMark();
  try {
    const id = await request(engine, lent, { order, mark });
    const image = await findLocalImage(engine, id, order.signal);
    if (image === undefined) throw engineLost(engine.endpoint);
    return image.id;
  } finally {
    // podman ends a build whose client has gone, but not the step that runs.
    if (order.signal.aborted && engine.endpoint.kind === "unix") await endMarkedContainers(mark);
  }
}

type MarkedOrder = Readonly<{ order: BuildOrder; mark: ContainerMark }>;

async function request(engine: Engine, lent: Lent, { order, mark }: MarkedOrder): Promise<string> {
  const { proxies } = order;
  const isProxied = Object.keys(proxies).length > 0;
  const proxy: Lent["secrets"] = new Map(
    isProxied ? [[PROXY_SECRET_ID, Buffer.from(proxyScript(proxies))]] : [],
  );
  const files = secretFiles(new Map([...lent.secrets, ...proxy]));
  const dockerfile = await containersDockerfile(order);
  return buildImage(engine, {
    ...order,
    platform: order.platforms.join(","),
    context: order.context([
      { path: DOCKERFILE, content: isProxied ? withProxySecret(dockerfile) : dockerfile },
      ...files.map(({ file }) => file),
    ]),
    reader: new StepProgress(),
    remedies: remediesOf("podman"),
    headers: { "X-Registry-Config": await registryConfig(lent) },
    query: {
      ...buildQuery({ ...order, proxies: {} }),
      ...tlsQuery(lent.images),
      dockerfile: DOCKERFILE,
      layers: "1",
      forcerm: "1",
      shmsize: String(mark.sharedMemory),
      secrets: JSON.stringify(files.map(({ id, file }) => `id=${id},src=${file.path}`)),
    },
  });
}

type SecretFile = Readonly<{ id: string; file: EmittedFile }>;

function secretFiles(secrets: Lent["secrets"]): readonly SecretFile[] {
  return [...secrets].map(([id, content], index) => ({
    id,
    file: { path: `${SECRET}${index + 1}`, content, mode: 0o600 },
  }));
}

/** Logins by registry, in the header that Docker's API has for builds. podman wants the padding of base64. */
async function registryConfig(lent: Lent): Promise<string> {
  const logins = await readLogins(lent, "pull");
  const entries = [...logins].map(([host, credential]) => [loginServer(host), engineLogin(host, credential)]);
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries))).toString("base64");
  return text.replaceAll("+", "-").replaceAll("/", "_");
}

/** podman, unlike Docker, speaks https to registries on loopback too, unless told not to. */
function tlsQuery(references: readonly string[]): Record<string, string> {
  const isLocal = references.every((reference) => isLoopbackHost(parseImageReference(reference).host));
  return isLocal ? { tlsVerify: "false" } : {};
}
