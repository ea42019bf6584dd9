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

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Milliseconds of each of two jobs, taken in turn, so that both see the same machine. */
async function inTurn(rounds, first, second) {
  const times = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, job] of [first, second].entries()) {
      const start = performance.now();
      await job();
      times[index].push(performance.now() - start);
    }
  }
  return times.map(median);
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
  const [bare, ours] = await inTurn(
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
  const [bare, ours] = await inTurn(
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
  const times = [];
  for (let round = 0; round < 7; round += 1) {
    const start = performance.now();
    await run(program, args);
    times.push(performance.now() - start);
  }
  return median(times);
}

const ms = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(0));

function row(what, milliseconds, against, bound) {
  const ratio = milliseconds / against;
  return {
    what,
    ms: ms(milliseconds),
    "against (ms)": ms(against),
    ratio: ratio.toFixed(2),
    "at most": bound ?? "",
    holds: bound === undefined ? "" : ratio <= bound,
  };
}

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
          ms: many.opened,
          holds: many.opened <= 2 * CONNECTIONS,
        },
        {
          what: "connections opened again in 7 rounds of each",
          ms: many.reopened,
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
