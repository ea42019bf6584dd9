import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { finished } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { contextEntries, type ImageSpec, type ResolvedImage, resolveImage } from "@imagespec/core";
import type { BuildPlan } from "@imagespec/core/builder";
import { extract } from "tar-stream";
import { afterEach, describe, expect, test } from "vitest";
import { packContext } from "../context/archive-context.ts";
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

const edit = (layer: Json, kind: string, change: (value: Json) => Json): Json =>
  kind in layer ? { [kind]: change(layer[kind] as Json) } : layer;

const sorted =
  (kind: string): Change =>
  ({ layers }) =>
    layers.map((one) =>
      edit(one, kind, (value) => ({ ...value, packages: [...(value.packages as string[])].sort() })),
    );

const withoutVariable =
  (name: string): Change =>
  ({ layers }) =>
    layers
      .map((one) =>
        edit(one, "env", ({ envVariables }) => {
          const { [name]: _, ...rest } = envVariables as Json;
          return { envVariables: rest };
        }),
      )
      .filter(({ env }) => !env || Object.keys((env as { envVariables: Json }).envVariables).length > 0);

type Side = Readonly<{ layers: Json[]; spec: Json; plan: BuildPlan }>;
type Change = (side: Side) => Json[];

/** Every way in which our layers differ from the official client's, a line each: what it takes to make them equal. */
const differences: readonly (readonly [about: string, ours: Change, theirs?: Change])[] = [
  ["the order of apt packages means nothing", sorted("aptPackages"), sorted("aptPackages")],
  ["nor does that of pip packages", sorted("pipPackages"), sorted("pipPackages")],
  ["PYTHONPATH", withoutVariable("PYTHONPATH")],
  ["IMAGESPEC_ID", withoutVariable("IMAGESPEC_ID")],
  [
    "the work directory /root",
    ({ layers }) => layers.filter(({ workdir }) => (workdir as Json | undefined)?.workdir !== "/root"),
  ],
  [
    "a lock beside a pyproject.toml counts where the spec names the lock",
    ({ layers }) => layers,
    ({ layers, spec }) =>
      String(spec.requirements).endsWith("pyproject.toml")
        ? layers.map((one) => edit(one, "uvProject", ({ uvlock: _, ...value }) => value))
        : layers,
  ],
];

/** Fields of the message beside its layers. */
function expectedFields(one: Case, { platforms }: BuildPlan): Omit<Message, "layers"> {
  const { layers: _, ...official } = one.wire!.json;
  const base = "baseImage" in one.spec ? {} : { baseImage: "python:3.12-slim-bookworm" };
  return { ...official, ...base, platform: [...platforms] };
}

function withoutDifferences(message: Message, side: Omit<Side, "layers">, column: 1 | 2): Json[] {
  const same: Change = ({ layers }) => layers;
  return differences.reduce<Json[]>(
    (layers, line) => (line[column] ?? same)({ ...side, layers }),
    message.layers ?? [],
  );
}

type Member = { name: string; type: string; mode: number; sha256?: string };

async function unpack(image: ResolvedImage): Promise<Member[]> {
  const chunks: Uint8Array[] = [];
  const packed = packContext(image.plan, () => contextEntries(image, { withBases: true }));
  if (!packed) return [];
  for await (const chunk of packed.content()) chunks.push(chunk);
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

const describeMember = (name: string, type: string, mode: number | string): string =>
  `${name} ${type === "dir" ? "directory" : type} ${typeof mode === "string" ? mode : `0${mode.toString(8)}`}`;

/** The lock files of the cases were given other host names after their digests had been taken. */
function digestIn({ files }: Case, { path: place, sha256 }: Listed): string | undefined {
  const text = files?.[place];
  return typeof text === "string" ? createHash("sha256").update(text).digest("hex") : sha256;
}

/** Files that the official client uploads and we do not, and the other way round. */
const contextDifferences: Readonly<Record<string, { theirs?: readonly string[]; ours?: readonly string[] }>> =
  {
    "requirements-in-folder": { ours: ["deps/other.txt"] },
    "pyproject-finds-the-lock": { theirs: ["proj/uv.lock"] },
    "uv-lock-install-project": { theirs: ["proj/__pycache__", "proj/__pycache__/a.pyc"] },
    "copy-folder-dockerignore-in-root": { ours: ["data/a.log", "data/sub", "data/sub/b"] },
  };

describe("the official client's cases", () => {
  test.each(comparable.map((one) => [one.id, one] as const))("%s: the message", async (_id, one) => {
    const { plan } = await resolveCase(one);
    expect(checkImageSpecMessage(plan)).toEqual([]);
    const message = JSON.parse(printImageSpecMessage(emitImageSpecMessage(plan))) as Message;
    const { layers: _, ...fields } = message;
    expect(fields).toEqual(expectedFields(one, plan));
    const side = { spec: one.spec, plan };
    expect(withoutDifferences(message, side, 1)).toEqual(withoutDifferences(one.wire!.json, side, 2));
  });

  test.each(comparable.map((one) => [one.id, one] as const))("%s: the archive", async (id, one) => {
    const { theirs = [], ours = [] } = contextDifferences[id] ?? {};
    const members = (await unpack(await resolveCase(one))).filter(({ name }) => !ours.includes(name));
    const official = (one.context ?? []).filter(({ path: place }) => !theirs.includes(place));
    expect(members.map(({ name, type, mode }) => describeMember(name, type, mode))).toEqual(
      official.map((file) => describeMember(file.path, file.type, file.mode)),
    );
    const files = official.filter(({ type }) => type === "file");
    expect(members.filter(({ type }) => type === "file").map(({ sha256 }) => sha256)).toEqual(
      files.map((file) => digestIn(one, file)),
    );
  });
});
