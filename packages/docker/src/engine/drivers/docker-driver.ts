import type { ContextEntry } from "@imagespec/core";
import type { UnlabelledDockerfile } from "../../dockerfile/index.ts";
import { buildImage, buildQuery } from "../build/build-image.ts";
import { emittedEntries } from "../build-context.ts";
import { findEndpoint } from "../endpoint.ts";
import { connectEngine, type Engine } from "../engine.ts";
import { describeEngine, type EngineFacts } from "../engine-facts.ts";
import { findLocalImage, removeLocalImage } from "../local-image.ts";
import { pushImage } from "../push-image.ts";
import { type ContextKey, contextKey } from "../session/context-key.ts";
import type { SyncedContext } from "../session/file-sync.ts";
import { openSession, type Session } from "../session/open-session.ts";
import type { Abilities, Ability } from "./abilities.ts";
import { cacheReferences } from "./cache-options.ts";
import type { BuildOrder, Driver, FoundEngine, Lent, OpenEngine } from "./driver.ts";

/** The first release whose BuildKit gives files the time of a build argument. */
const FIRST_WITH_TIMES = 24;

const DOCKERFILE = "Dockerfile";

/** In characters. Go's servers take 1 MiB, in which each character may be nine. */
const MAX_BESIDE_LENGTH = 96 * 1024;

/** The engine asks the session for the files that it needs, as it does for docker's own command. */
const CLIENT_SESSION = "client-session";

const nothingLent = { secret: () => undefined, login: async () => undefined, context: () => undefined };

/** Docker's API, with a BuildKit session of our own. */
export const dockerDriver: Driver = {
  name: "docker",
  async find({ environment, signal }) {
    const engine = connectEngine(await findEndpoint(environment));
    const facts = await describeEngine(engine, signal);
    return dockerEngine(engine, facts);
  },
};

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
    check: async (signal) => (await openSession(engine, nothingLent, { signal })).close(),
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

/** The first session tells whether the engine has any. */
async function openDocker(engine: Engine, lent: Lent): Promise<OpenEngine> {
  let next: Desk | undefined = await openDesk(engine, lent);
  return {
    async build(order) {
      const desk = next ?? (await openDesk(engine, lent));
      next = undefined;
      return { localId: await build(desk, order).finally(() => desk.session.close()) };
    },
    push: (order) => pushImage(engine, order),
    remove: (id) => removeLocalImage(engine, id),
    close: async () => next?.session.close(),
  };
}

/** A session for one build: BuildKit asks no session twice for files of the same names. */
type Desk = {
  readonly engine: Engine;
  readonly lent: Lent;
  readonly session: Session;
  readonly key: ContextKey;
  context: SyncedContext | undefined;
  fault: { error: unknown } | undefined;
};

async function openDesk(engine: Engine, lent: Lent): Promise<Desk> {
  const { plan, signal } = lent.request;
  const key = await contextKey(plan.destination.name, lent.environment);
  const session = await openSession(
    engine,
    {
      secret: (id) => lent.secrets.get(id),
      login: (host) => lent.logins.login(host),
      context: () => desk.context,
    },
    { signal, sharedKey: key.shared },
  );
  const desk: Desk = { engine, lent, session, key, context: undefined, fault: undefined };
  return desk;
}

async function build(desk: Desk, order: BuildOrder): Promise<string> {
  const { engine, lent, session } = desk;
  const { text, labels } = recipeOf(order);
  desk.context = contextOf(order, text, desk);
  const query = { ...queryOf(lent, order), labels: JSON.stringify(labels) };
  try {
    return await buildImage(engine, {
      ...order,
      platform: order.platforms.join(","),
      context: undefined,
      query: { ...query, version: "2", session: session.id, remote: CLIENT_SESSION },
    });
  } catch (error) {
    // The engine only sees that something is not there; why it is not is known here.
    const { error: cause } = desk.fault ?? lent.logins.fault ?? { error };
    throw order.signal.aborted ? error : cause;
  }
}

/** Labels beside the Dockerfile go with the address of the request, which has an end. */
function recipeOf({ dockerfile, unlabelled, buildArguments }: BuildOrder): UnlabelledDockerfile {
  const isShort = JSON.stringify([unlabelled.labels, buildArguments]).length <= MAX_BESIDE_LENGTH;
  return isShort ? unlabelled : { text: dockerfile, labels: {} };
}

function contextOf({ entries, report }: BuildOrder, dockerfile: string, desk: Desk): SyncedContext {
  return {
    entries: () => withDockerfile(entries(), dockerfile),
    timeOf: desk.key.timeOf,
    report,
    fail: (error) => {
      desk.fault ??= { error };
    },
  };
}

async function* withDockerfile(
  entries: AsyncIterable<ContextEntry>,
  content: string,
): AsyncGenerator<ContextEntry> {
  for await (const entry of entries) {
    if (entry.path === DOCKERFILE) yield* emittedEntries([{ path: DOCKERFILE, content }]);
    else yield entry;
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
