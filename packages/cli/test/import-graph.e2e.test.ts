import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startRegistry } from "@imagespec/registry/testing";
import { publishImage } from "@imagespec/test-services";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ensureCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const recorder = fileURLToPath(new URL("support/record-imports.cjs", import.meta.url));

beforeAll(ensureCommand);

type Loaded = Readonly<{
  /** Of npm. */
  packages: readonly string[];
  /** Parts of the bundle, and how many characters each has. */
  chunks: Readonly<Record<string, number>>;
  /** Parts of Node. */
  builtins: readonly string[];
}>;

/** A project whose image is in its registry. */
async function project(): Promise<string> {
  const registry = await startRegistry();
  onTestFinished(() => registry.close());
  const spec = `name: app\nregistry: ${registry.host}/team\nbase_image: debian:12\npackages: [six]\n`;
  const cwd = temporaryFolder({ "image.yaml": spec });
  const { stdout } = await runCommand(["tag"], { cwd });
  await publishImage(registry.url, "team/app", { tags: [stdout.trim().split(":").at(-1)!] });
  return cwd;
}

/** What a run of the command loads. */
async function loadedBy(args: readonly string[]): Promise<Loaded> {
  const cwd = await project();
  const file = path.join(cwd, "loaded.json");
  const environment = {
    NODE_OPTIONS: `--require ${recorder}`,
    IMPORTS_FILE: file,
    DOCKER_HOST: "unix:///nowhere/docker.sock",
  };
  const ended = await runCommand(args, { cwd, environment });
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Engines' clients and drivers, other builders, and what only some runs need. */
const heavy =
  /driver|modem|buildx|podman|containers|probe-|run-build|undici|jiti|tree-|doctor|explain|lock$|init/;
const network = ["http", "https", "tls"];

function charactersOf({ chunks }: Loaded): number {
  return Object.values(chunks).reduce((sum, characters) => sum + characters, 0);
}

describe("what is loaded", () => {
  test.each([
    [["--help"], 570_000, network],
    [["tag"], 570_000, network],
    [["exists"], 700_000, []],
    [["build"], 700_000, []],
    [["build", "--progress", "plain"], 700_000, []],
  ])("by %j of an image that is there is little, and no engine's client", async (args, most, absent) => {
    const loaded = await loadedBy(args);
    expect(loaded.packages).toEqual([]);
    expect(Object.keys(loaded.chunks).filter((name) => heavy.test(name) && name !== "image-lock")).toEqual(
      [],
    );
    expect(loaded.builtins.filter((name) => absent.includes(name))).toEqual([]);
    expect(charactersOf(loaded)).toBeLessThan(most);
  });

  test("where an engine is asked, is its client: what is looked for above would be found", async () => {
    const { chunks, packages } = await loadedBy(["builders"]);
    expect(packages).toContain("jiti");
    expect(Object.keys(chunks).filter((name) => heavy.test(name))).toContain("probe-engine");
  });
});
