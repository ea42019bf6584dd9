import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { finished } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { contextEntries, type ImageSpec, type ResolvedImage, resolveImage } from "@imagespec/core";
import { extract } from "tar-stream";
import { afterEach, describe, expect, test } from "vitest";
import { archiveContext } from "../context/archive-context.ts";
import { checkImageSpecMessage } from "./check-image-spec-message.ts";
import { emitImageSpecMessage, printImageSpecMessage } from "./emit-image-spec-message.ts";

type FileText = string | { text?: string; mode?: string; symlink?: string; dir?: boolean };
type Listed = { path: string; type: string; mode: string; size?: number; sha256?: string };
type Json = { [key: string]: unknown };
type Message = { baseImage: string; pythonVersion?: string; layers?: Json[]; platform?: string[] };
type Case = {
  id: string;
  spec: Json;
  files?: Record<string, FileText>;
  wire?: { json: Message };
  context?: Listed[] | null;
};

const vectors = new URL("../../testdata/union-spec.json", import.meta.url);
const cases = (JSON.parse(await readFile(vectors, "utf8")) as { cases: Case[] }).cases;
const comparable = cases.filter(
  ({ wire, spec }) => wire && !("dockerignore" in spec) && !("aptSecretMounts" in spec),
);

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function writeOne(place: string, content: FileText): Promise<void> {
  await mkdir(path.dirname(place), { recursive: true });
  if (typeof content === "string") return writeFile(place, content);
  if (content.symlink !== undefined) return symlink(content.symlink, place);
  if (content.dir) return void (await mkdir(place, { recursive: true }));
  await writeFile(place, content.text ?? "");
  if (content.mode) await chmod(place, Number.parseInt(content.mode, 8));
}

/** The fields that only flyte has, by ours. */
function specOf({ spec }: Case): ImageSpec {
  const { workdir, projectInstallMode, pipPre, sourceCopyMode, ...rest } = spec;
  return {
    builder: "union",
    ...rest,
    ...(workdir !== undefined && { workDirectory: workdir }),
    ...(projectInstallMode === "install_project" && { installProject: true }),
    ...(pipPre === true && { pipExtraArgs: "--pre" }),
    ...(sourceCopyMode === "ALL" && { sourceCopyMode: "all" }),
  } as ImageSpec;
}

async function resolveCase(one: Case): Promise<ResolvedImage> {
  const cwd = await mkdtemp(path.join(tmpdir(), "imagespec-union-"));
  folders.push(cwd);
  for (const [place, content] of Object.entries(one.files ?? {}))
    await writeOne(path.join(cwd, place), content);
  return resolveImage(specOf(one), { cwd });
}

const folderOf = (place: string): string => path.posix.dirname(place);
const edit = (layer: Json, kind: string, change: (value: Json) => Json): Json =>
  kind in layer ? { [kind]: change(layer[kind] as Json) } : layer;
const sortedPackages = (value: Json): Json => ({
  ...value,
  packages: [...(value.packages as string[])].sort(),
});

/** Every way in which our message differs from the official client's, a line each. */
const differences: readonly [about: string, change: (layers: Json[], image: ResolvedImage) => Json[]][] = [
  ["packages are a set", (all) => all.map((one) => edit(one, "aptPackages", sortedPackages))],
  ["pip packages too", (all) => all.map((one) => edit(one, "pipPackages", sortedPackages))],
  [
    "requirements lie in a folder of theirs",
    (all) =>
      all.map((one) => edit(one, "requirements", (value) => ({ ...value, file: "requirements/0.txt" }))),
  ],
  [
    "a uv project lies in a folder of its own",
    (all) =>
      all.map((one) =>
        edit(one, "uvProject", ({ uvlock, ...value }) => ({
          ...value,
          pyproject: "project",
          sourceDir: "project",
          ...(uvlock !== undefined && { uvlock: "project/uv.lock" }),
        })),
      ),
  ],
  [
    "a poetry project too",
    (all) =>
      all.map((one) =>
        edit(one, "poetryProject", (value) => ({
          ...value,
          pyproject: (value.pyproject as string).endsWith(".toml") ? "project/pyproject.toml" : "project",
          poetryLock: "project/poetry.lock",
        })),
      ),
  ],
  [
    "a lock beside pyproject.toml is used where it is named",
    (all, { plan }) =>
      all.map((one) =>
        edit(one, "uvProject", ({ uvlock, ...value }) =>
          plan.steps.some((step) => (step as { tool?: string }).tool === "pyproject")
            ? value
            : { ...value, uvlock },
        ),
      ),
  ],
  [
    "sources lie in a folder of theirs",
    (all, { plan }) =>
      all.map((one) =>
        edit(one, "copyConfig", (value) =>
          value.dst === plan.workDirectory ? { src: "source/root", dst: "/root" } : value,
        ),
      ),
  ],
  ["what is copied lies in one tree", (all, { plan }) => mergeCopies(all, plan.workDirectory)],
  [
    "the work directory is set before anything needs it",
    (all, { plan }) =>
      insert(
        all.filter((one) => !("workdir" in one)),
        { workdir: { workdir: plan.workDirectory } },
      ),
  ],
  ["PYTHONPATH", (all, { plan }) => addVariable(all, { PYTHONPATH: plan.workDirectory })],
  ["IMAGESPEC_ID", (all, { plan }) => [...all, { env: { envVariables: { IMAGESPEC_ID: plan.id } } }]],
];

function mergeCopies(layers: Json[], workDirectory: string): Json[] {
  const isCopy = (one: Json): boolean =>
    "copyConfig" in one && (one.copyConfig as Json).src !== "source/root";
  const first = layers.findIndex(isCopy);
  const merged = { copyConfig: { src: `copy/0/${path.posix.basename(workDirectory)}`, dst: workDirectory } };
  return layers.flatMap((one, position) => (position === first ? [merged] : isCopy(one) ? [] : [one]));
}

function afterApt(layers: Json[]): number {
  const last = layers.findLastIndex((one) => "aptPackages" in one || "env" in one);
  return last + 1;
}

function insert(layers: Json[], layer: Json): Json[] {
  return layers.toSpliced(afterApt(layers), 0, layer);
}

function addVariable(layers: Json[], added: Json): Json[] {
  const at = layers.findIndex((one) => "env" in one);
  if (at < 0)
    return layers.toSpliced(layers.findLastIndex((one) => "aptPackages" in one) + 1, 0, {
      env: { envVariables: added },
    });
  const variables = (layers[at]!.env as { envVariables: Json }).envVariables;
  return layers.with(at, { env: { envVariables: { ...added, ...variables } } });
}

/** A base that is a spec of its own has its layers in front, with an environment and a work directory. */
function expectedMessage(one: Case, image: ResolvedImage): Message {
  const official = one.wire!.json;
  const nested = typeof one.spec.baseImage === "object";
  const hasBase = "baseImage" in one.spec;
  const split = nested ? 1 : 0;
  const change = (layers: Json[]): Json[] => differences.reduce((all, [, next]) => next(all, image), layers);
  const all = official.layers ?? [];
  const base = all.slice(0, split);
  return {
    ...official,
    baseImage: hasBase ? official.baseImage : "python:3.12-slim-bookworm",
    layers: [...(nested ? change(base).slice(0, -1) : []), ...change(all.slice(split))],
    platform: [...image.plan.platforms],
  };
}

type Member = { name: string; type: string; mode: number; sha256?: string };

async function unpack(image: ResolvedImage): Promise<Member[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of archiveContext(contextEntries(image))) chunks.push(chunk);
  const members: Member[] = [];
  const reader = extract();
  reader.on("entry", (header, stream, next) => {
    const hash = createHash("sha256");
    stream.on("data", (chunk) => hash.update(chunk as Uint8Array));
    stream.on("end", () => {
      expect(header.mtime).toEqual(new Date("1981-01-01T00:00:00Z"));
      expect([header.uid, header.gid, header.uname, header.gname]).toEqual([0, 0, "", ""]);
      members.push({ name: header.name, type: header.type!, mode: header.mode!, sha256: hash.digest("hex") });
      next();
    });
  });
  reader.end(gunzipSync(Buffer.concat(chunks)));
  await finished(reader);
  return members;
}

const describeFile = (name: string, mode: number | string, sha256: string | undefined): string =>
  `${path.posix.basename(name)} ${typeof mode === "string" ? mode : `0${mode.toString(8)}`} ${sha256}`;

/** The lock files of the cases were given other host names after their digests had been taken. */
function digestIn({ files }: Case, { path: place, sha256 }: Listed): string | undefined {
  const text = files?.[place];
  return typeof text === "string" ? createHash("sha256").update(text).digest("hex") : sha256;
}

/** Files that the official client uploads and we do not, and the other way round. */
const contextDifferences: Readonly<Record<string, { theirs?: readonly string[]; ours?: readonly string[] }>> =
  {
    "requirements-in-folder": { theirs: ["prod.txt"], ours: ["0.txt", "1.txt"] },
    "pyproject-finds-the-lock": { theirs: ["uv.lock"] },
    "uv-lock-install-project": { theirs: ["a.pyc"] },
    "copy-folder-dockerignore-in-root": { ours: ["a.log", "b"] },
  };

describe("the official client's cases", () => {
  test.each(comparable.map((one) => [one.id, one] as const))("%s: the message", async (_id, one) => {
    const image = await resolveCase(one);
    expect(checkImageSpecMessage(image.plan)).toEqual([]);
    const message = JSON.parse(printImageSpecMessage(emitImageSpecMessage(image.plan))) as Message;
    expect(message).toEqual(expectedMessage(one, image));
  });

  const withFiles = comparable.filter(({ context }) => context);
  test.each(withFiles.map((one) => [one.id, one] as const))("%s: the files", async (id, one) => {
    const { theirs = [], ours = [] } = contextDifferences[id] ?? {};
    const members = (await unpack(await resolveCase(one))).filter(({ type }) => type === "file");
    const found = members.filter(({ name }) => !ours.includes(path.posix.basename(name)));
    const official = one.context!.filter(
      ({ type, path: place }) => type === "file" && !theirs.includes(path.posix.basename(place)),
    );
    const renamed = (name: string): string => (folderOf(name) === "requirements" ? "requirements.txt" : name);
    expect(found.map(({ name, mode, sha256 }) => describeFile(renamed(name), mode, sha256)).sort()).toEqual(
      official.map((file) => describeFile(file.path, file.mode, digestIn(one, file))).sort(),
    );
  });

  test("nothing to send means no files", () => {
    expect(comparable.filter(({ context }) => context === null).length).toBeGreaterThan(10);
  });
});
