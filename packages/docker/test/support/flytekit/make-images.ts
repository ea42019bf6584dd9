import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import * as http from "node:http";
import { dirname, join } from "node:path";
import { connectEngine } from "@imagespec/test-services";
import { execa } from "execa";
import { inject } from "vitest";
import { portOf } from "../fake-engine.ts";
import { packageIndex } from "../package-index.ts";
import { buildWithFlytekit } from "./client.ts";
import { type CaseFile, type CaseName, caseNames, type FlytekitCase, flytekitCases } from "./specs.ts";
import { buildStandIns, ensureFlytekitUv } from "./stand-ins.ts";

const { dockerHost, baseImages } = inject("services");
const client = connectEngine(dockerHost);
/** Debian's docker command, which builds with BuildKit where it is told to. */
const environment = { DOCKER_HOST: dockerHost, DOCKER_BUILDKIT: "1", PATH: `/usr/bin:${process.env.PATH}` };

/** What flytekit built of the specs. */
export type FlytekitImages = Readonly<{
  of(name: CaseName): FlytekitCase & Readonly<{ folder: string; image: string }>;
  /** For the index of packages. */
  password: string;
  /** Stops the index, and removes what stands on the engine under names that are others'. */
  forget(): Promise<void>;
}>;

async function writeCaseFile(path: string, file: CaseFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (typeof file === "string") await writeFile(path, file);
  else if ("link" in file) await symlink(file.link, path);
  else await writeFile(path, file.program, { mode: 0o755 });
}

async function writeCase(folder: string, { files = {} }: FlytekitCase): Promise<void> {
  await mkdir(folder);
  for (const [path, file] of Object.entries(files)) await writeCaseFile(join(folder, path), file);
}

/** An index where containers reach it. */
async function openIndex(login: Parameters<typeof packageIndex>[0]) {
  const { IPAM } = await client.getNetwork("bridge").inspect();
  const address = IPAM?.Config?.[0]?.Gateway ?? "127.0.0.1";
  const server = http.createServer(packageIndex(login)).listen(0, address);
  await once(server, "listening");
  return { host: `${address}:${portOf(server)}`, stop: () => server.close() };
}

/** Builds all specs with flytekit, in a folder of its own for each. */
export async function makeFlytekitImages(directory: string): Promise<FlytekitImages> {
  const standIns = await buildStandIns(join(directory, "stand-ins"), environment, baseImages);
  const login = { username: "alice", password: randomUUID() };
  const index = await openIndex(login);
  const cases = flytekitCases({ base: standIns.base, index: index.host, login });
  const folderOf = (name: CaseName) => join(directory, name.replaceAll(" ", "-"));
  for (const name of caseNames) await writeCase(folderOf(name), cases[name]);
  await execa(await ensureFlytekitUv(), ["lock", "--quiet"], { cwd: folderOf("uv.lock") });
  const builds = caseNames.map((name) => ({ name, folder: folderOf(name), spec: cases[name].spec }));
  const images = await buildWithFlytekit(directory, builds, environment);
  return {
    of: (name) => ({ ...cases[name], folder: folderOf(name), image: images[name] ?? "" }),
    password: login.password,
    forget: async () => {
      index.stop();
      for (const name of standIns.names) await client.getImage(name).remove();
    },
  };
}
