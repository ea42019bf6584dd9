import { randomUUID } from "node:crypto";
import { ImageSpecError, isLoopbackHost, parseImageReference, writeContext } from "@imagespec/core";
import { writeDockerFolder } from "../cli/docker-folder.ts";
import { askTool, type Question, versionIn } from "../cli/find-tool.ts";
import { hostPlatform } from "../cli/host-platform.ts";
import { pushWithTool } from "../cli/push-with-tool.ts";
import { runBuildTool } from "../cli/run-build-tool.ts";
import { createToolFiles, type ToolFiles, writeSecrets } from "../cli/tool-files.ts";
import { findToolImage, removeToolImage } from "../cli/tool-image.ts";
import { PlainProgress } from "../progress/plain-progress.ts";
import type { Abilities } from "./abilities.ts";
import type { BuildOrder, Built, Driver, FoundEngine, Lent, OpenEngine } from "./driver.ts";
import { engineVanished } from "./engine-vanished.ts";
import { readLogins } from "./read-logins.ts";
import { remediesOf } from "./remedies.ts";

type Program = "docker" | "nerdctl";

/** From 23 on docker's command builds with buildx alone. */
const FIRST_WITHOUT_BUILDKIT = 23;

/** `DOCKER_BUILDKIT=1 docker build` of commands that have BuildKit's client in them. */
export const dockerCliDriver: Driver = {
  name: "docker-cli",
  async find(search) {
    const { stdout } = await askTool(["docker", "version", "--format", "{{.Client.Version}}"], search);
    const version = versionIn(stdout);
    const [major = 0] = version.split(".").map(Number);
    if (major < FIRST_WITHOUT_BUILDKIT) return describe("docker", version, search);
    throw new ImageSpecError(
      "ENGINE_NO_BUILDKIT",
      `docker ${version} builds with buildx, which is not there`,
      {
        hint: "sudo apt-get install docker-buildx   (or docker-buildx-plugin)",
      },
    );
  },
};

/** containerd's command, which has docker's options. */
export const nerdctlDriver: Driver = {
  name: "nerdctl",
  async find(search) {
    const { stdout } = await askTool(["nerdctl", "version", "--format", "{{.Client.Version}}"], search);
    return describe("nerdctl", versionIn(stdout), search);
  },
};

const reason = "its command does without; buildx can";
const abilities: Abilities = {
  multiPlatform: { reason },
  localStore: true,
  cacheFrom: [],
  cacheTo: [],
  attest: { reason },
  sourceDateEpoch: { reason },
};

function describe(program: Program, version: string, { environment }: Question): FoundEngine {
  const platform = hostPlatform();
  return {
    name: program === "docker" ? "docker-cli" : "nerdctl",
    version,
    platform,
    detail: `${program} ${version} (${platform})`,
    abilities,
    findImage: (name, signal) => findToolImage([program, "image", "inspect", name], { environment, signal }),
    open: (lent) => openProgram(program, lent),
  };
}

async function openProgram(program: Program, lent: Lent): Promise<OpenEngine> {
  const files = await createToolFiles();
  const logins = await readLogins(lent, "push");
  const folder = await writeDockerFolder(files, lent.environment, logins);
  // What nerdctl puts aside while it builds goes with our own files, even where it is killed.
  const environment = program === "nerdctl" ? { ...folder, TMPDIR: files.folder } : folder;
  const place = { program, files, environment };
  return {
    build: (order) => build(place, lent, order),
    push: (order) =>
      pushWithTool(order, {
        environment,
        endedBy: "interrupt",
        command: [program, "push", ...insecureOption(program, [order.reference]), order.reference],
        prepare: async () => {},
        digest: async (stdout) => pushedDigest[program].exec(stdout)?.[1],
      }),
    remove: (id) => removeToolImage([program, "rmi", id], lent.environment),
    close: () => files.remove(),
  };
}

/** How each tells what it pushed. */
const pushedDigest: Readonly<Record<Program, RegExp>> = {
  docker: /digest: (sha256:[0-9a-f]{64})\b/,
  nerdctl: /^(?:index|manifest)-(sha256:[0-9a-f]{64}):/m,
};

type Place = Readonly<{
  program: Program;
  files: ToolFiles;
  environment: Readonly<Record<string, string | undefined>>;
}>;

async function build(place: Place, lent: Lent, order: BuildOrder): Promise<Built> {
  const { program, files, environment } = place;
  const secrets = await writeSecrets(files, lent.secrets);
  const variables = Object.keys({ ...order.proxies, ...order.buildArguments });
  const { reference: name = nameless(program) } = order;
  const folder = program === "nerdctl" ? await writeFolder(order, files) : undefined;
  await runBuildTool(order, {
    command: [
      ...[program, "build", "--progress=plain", "--iidfile", files.path("iid")],
      ...["--platform", order.platforms.join(",")],
      ...(name === undefined ? [] : ["--tag", name]),
      ...(order.noCache ? ["--no-cache"] : []),
      // Without a value it is that of the variable: arguments are read by everybody.
      ...variables.flatMap((variable) => ["--build-arg", variable]),
      ...secrets.flatMap(({ id, path }) => ["--secret", `"id=${id}","src=${path}"`]),
      folder ?? "-",
    ],
    environment: { ...environment, ...order.proxies, DOCKER_BUILDKIT: "1" },
    endedBy: "interrupt",
    hasFolder: folder !== undefined,
    reader: new PlainProgress(),
    remedies: remediesOf(program),
  });
  const localId = await files.read("iid");
  if (localId === undefined) throw engineVanished(program, order.image);
  return { localId: order.reference === undefined ? (name ?? localId) : localId };
}

/** containerd keeps no image that has no name. */
function nameless(program: Program): string | undefined {
  return program === "nerdctl" ? `imagespec.invalid/unnamed/${randomUUID()}:1` : undefined;
}

/** nerdctl takes no context from standard input. */
async function writeFolder({ entries, signal }: BuildOrder, files: ToolFiles): Promise<string> {
  const folder = files.path(`context-${randomUUID()}`);
  await writeContext(entries(), folder, { signal });
  return folder;
}

/** nerdctl, unlike Docker's engine, speaks https everywhere unless told not to. */
function insecureOption(program: Program, references: readonly string[]): readonly string[] {
  const isLocal = references.every((reference) => isLoopbackHost(parseImageReference(reference).host));
  return program === "nerdctl" && isLocal ? ["--insecure-registry"] : [];
}
