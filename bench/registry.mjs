// What the registry client adds to bare requests, and what others take for the same question. Needs a build
// (`npm run build`); run alone with `node bench/registry.mjs`.

import { execFile } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { registryClient } from "../packages/registry/dist/index.js";
import {
  createCertificateAuthority,
  findProgram,
  publishImage,
  startDockerRegistry,
} from "../packages/test-services/dist/index.js";
import { inTurn, median, ratioRow, time } from "./measure.mjs";

const run = promisify(execFile);
const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
const TAGS = 1000;
const AT_A_TIME = 16;
const CONNECTIONS = 8;

let sockets = 0;
subscribe("net.client.socket", () => {
  sockets += 1;
});

/** The medians, in milliseconds, of jobs that are taken in turn. */
async function medians(rounds, ...jobs) {
  const timed = jobs.map((job) => async () => 1000 * (await time(job)));
  return (await inTurn(rounds, ...timed)).map(median);
}

/** A HEAD by Node's own client over kept connections, which is what the registry client uses. */
function bareHead(base, agent) {
  const { request } = base.startsWith("https:") ? https : http;
  return (tag) =>
    new Promise((resolve, reject) => {
      request(`${base}/v2/app/manifests/${tag}`, { method: "HEAD", agent, headers: { accept } }, (answer) => {
        answer.resume().on("end", () => (answer.statusCode === 200 ? resolve() : reject(answer.statusCode)));
      })
        .on("error", reject)
        .end();
    });
}

async function atATime(width, tags, ask) {
  const queue = tags.values();
  const work = async () => {
    for (const tag of queue) await ask(tag);
  };
  await Promise.all(Array.from({ length: width }, work));
}

function clientFor(registry, options = {}) {
  const client = registryClient({
    environment: {},
    homeDirectory: tmpdir(),
    limits: { remember: 0 },
    ...options,
  });
  const ask = async (tag) => {
    const { verdict } = await client.exists(`${registry.host}/app:${tag}`);
    if (verdict !== "present") throw new Error(`${tag} is ${verdict}`);
  };
  return { client, ask };
}

async function warmCheck(registry) {
  const agent = new http.Agent({ keepAlive: true });
  const head = bareHead(registry.url, agent);
  const { client, ask } = clientFor(registry);
  for (let count = 0; count < 200; count += 1) await Promise.all([head("t0"), ask("t0")]);
  const [bare, ours] = await medians(
    1000,
    () => head("t0"),
    () => ask("t0"),
  );
  agent.destroy();
  await client.close();
  return { bare, ours };
}

async function manyTags(registry, tags) {
  const { ca } = registry;
  const agent = new https.Agent({ keepAlive: true, maxSockets: CONNECTIONS, ca, scheduling: "lifo" });
  const head = bareHead(registry.url, agent);
  const { client, ask } = clientFor(registry, { registries: { [registry.host]: { ca } } });
  const before = sockets;
  await atATime(AT_A_TIME, tags, ask);
  await atATime(AT_A_TIME, tags, head);
  const opened = sockets - before;
  const [bare, ours] = await medians(
    7,
    () => atATime(AT_A_TIME, tags, head),
    () => atATime(AT_A_TIME, tags, ask),
  );
  const reopened = sockets - before - opened;
  agent.destroy();
  await client.close();
  return { bare, ours, opened, reopened };
}

/** A whole process that asks once; undefined where the program is not installed. */
async function otherTool(name, args) {
  const program = findProgram(name);
  if (program === undefined) return undefined;
  const [milliseconds] = await medians(7, () => run(program, args));
  return milliseconds;
}

const row = (what, milliseconds, reference, bound) =>
  ratioRow(what, milliseconds, { reference, unit: "ms", bound });

export async function benchRegistry() {
  const plain = await startDockerRegistry();
  const authority = await createCertificateAuthority(join(plain.directory, "authority"));
  const tags = Array.from({ length: TAGS }, (_, index) => `t${index}`);
  try {
    await publishImage(plain.url, "app", { tags });
    const secure = await startDockerRegistry({
      tls: { authority },
      contents: join(plain.directory, "storage"),
    });
    try {
      const warm = await warmCheck(plain);
      const many = await manyTags(secure, tags);
      const reference = `${plain.host}/app:t0`;
      const others = {
        "skopeo inspect --raw": await otherTool("skopeo", [
          "inspect",
          "--raw",
          "--tls-verify=false",
          `docker://${reference}`,
        ]),
        "docker manifest inspect": await otherTool("docker", [
          "manifest",
          "inspect",
          "--insecure",
          reference,
        ]),
      };
      return [
        row("one warm existence check, against a bare keep-alive HEAD", warm.ours, warm.bare, 1.2),
        row(`${TAGS} tags over https, ${AT_A_TIME} at a time, against bare HEADs`, many.ours, many.bare, 1.2),
        {
          what: `connections opened by both for these (at most ${2 * CONNECTIONS})`,
          measured: many.opened,
          holds: many.opened <= 2 * CONNECTIONS,
        },
        {
          what: "connections opened again in 7 rounds of each",
          measured: many.reopened,
          holds: many.reopened === 0,
        },
        ...Object.entries(others)
          .filter(([, time]) => time !== undefined)
          .map(([name, time]) => row(`${name}, whole process, against our warm check`, time, warm.ours)),
      ];
    } finally {
      await secure.stop();
    }
  } finally {
    await plain.stop();
  }
}

if (process.argv[1] === import.meta.filename) console.table(await benchRegistry());
