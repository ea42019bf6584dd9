import { ImageSpecError } from "@imagespec/core";
import { buildImage, buildQuery } from "../build/build-image.ts";
import { findEndpoint } from "../endpoint.ts";
import { connectEngine, type Engine } from "../engine.ts";
import { describeEngine, type EngineFacts } from "../engine-facts.ts";
import { findLocalImage, removeLocalImage } from "../local-image.ts";
import { pushImage } from "../push-image.ts";
import { openSession, type Session } from "../session/open-session.ts";
import type { Abilities, Ability } from "./abilities.ts";
import { cacheReferences } from "./cache-options.ts";
import type { BuildOrder, Driver, FoundEngine, Lent, OpenEngine } from "./driver.ts";

/** The first release whose BuildKit gives files the time of a build argument. */
const FIRST_WITH_TIMES = 24;

/** The first release whose API takes contexts where containerd keeps the images. */
const FIRST_WITH_CONTEXTS = 28;

const nothingLent = { secret: () => undefined, login: async () => undefined };

/** Docker's API, with a BuildKit session of our own. */
export const dockerDriver: Driver = {
  name: "docker",
  async find({ environment, signal }) {
    const engine = connectEngine(await findEndpoint(environment));
    const facts = await describeEngine(engine, signal);
    refuseLostContexts(facts);
    return dockerEngine(engine, facts);
  },
};

/** @see https://github.com/moby/moby/issues/47717 */
function refuseLostContexts({ version, store }: EngineFacts): void {
  if (store !== "containerd" || majorOf(version) >= FIRST_WITH_CONTEXTS) return;
  throw new ImageSpecError(
    "ENGINE_UNSUPPORTED",
    `Docker ${version} with containerd's image store loses the context that its API is sent`,
    { hint: "sudo apt-get install docker-buildx   (or docker-buildx-plugin): buildx sends it another way" },
  );
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10) || 0;
}

/** Docker's engine, of which is known what it is. */
export function dockerEngine(engine: Engine, facts: EngineFacts): FoundEngine {
  const { version, platform, store } = facts;
  return {
    name: "docker",
    version,
    platform,
    address: engine.endpoint.address,
    detail: `${engine.endpoint.address} (${platform}, ${store} image store)`,
    abilities: abilitiesOf(facts),
    findImage: (name, signal) => findLocalImage(engine, name, signal),
    check: async (signal) => (await openSession(engine, nothingLent, signal)).close(),
    open: (lent) => openDocker(engine, lent),
  };
}

function abilitiesOf({ version, store }: EngineFacts): Abilities {
  return {
    multiPlatform: {
      reason:
        store === "graphdriver"
          ? "its image store keeps one platform for each name"
          : "its API builds for one platform at a time",
    },
    localStore: true,
    cacheFrom: ["registry"],
    cacheTo: ["inline"],
    attest: { reason: "its API has no attestations" },
    sourceDateEpoch: timesOf(version),
  };
}

function timesOf(version: string): Ability {
  return (
    majorOf(version) >= FIRST_WITH_TIMES || { reason: `Docker ${version} is older than ${FIRST_WITH_TIMES}` }
  );
}

async function openDocker(engine: Engine, lent: Lent): Promise<OpenEngine> {
  const { signal } = lent.request;
  const secret = (id: string): Uint8Array | undefined => lent.secrets.get(id);
  const login = (host: string): ReturnType<Lent["logins"]["login"]> => lent.logins.login(host);
  const session = await openSession(engine, { secret, login }, signal);
  return {
    build: async (order) => ({ localId: await build(engine, session, { lent, order }) }),
    push: (order) => pushImage(engine, order),
    remove: (id) => removeLocalImage(engine, id),
    close: async () => session.close(),
  };
}

type Job = Readonly<{ lent: Lent; order: BuildOrder }>;

async function build(engine: Engine, session: Session, { lent, order }: Job): Promise<string> {
  try {
    return await buildImage(engine, {
      ...order,
      platform: order.platforms.join(","),
      context: order.context([]),
      query: { ...queryOf(lent, order), version: "2", session: session.id },
    });
  } catch (error) {
    const { fault } = lent.logins;
    // The engine only sees that there was no login; why there was none is known here.
    throw fault === undefined || order.signal.aborted ? (error as ImageSpecError) : fault.error;
  }
}

/** BuildKit's own arguments change no layer unless a Dockerfile names them. */
function queryOf({ request }: Lent, order: BuildOrder): Record<string, string> {
  const { cacheFrom, cacheTo, sourceDateEpoch } = request.options;
  const buildArguments = {
    ...order.buildArguments,
    ...(cacheTo === undefined || cacheTo.length === 0 ? {} : { BUILDKIT_INLINE_CACHE: "1" }),
    ...(sourceDateEpoch === undefined ? {} : { SOURCE_DATE_EPOCH: String(sourceDateEpoch) }),
  };
  const references = cacheReferences(cacheFrom);
  return {
    ...buildQuery({ ...order, buildArguments }),
    ...(references.length === 0 ? {} : { cachefrom: JSON.stringify(references) }),
  };
}
