import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { contextEntries, type ImageSpec, type ResolvedImage, resolveImage } from "@imagespec/core";
import type { FilesStep } from "@imagespec/core/builder";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { relocateEntries } from "../context/relocate-entries.ts";
import { emitImageSpecMessage } from "../emit/emit-image-spec-message.ts";
import { layOutContext } from "./context-layout.ts";

const root = await mkdtemp(path.join(tmpdir(), "imagespec-union-"));
afterAll(() => rm(root, { recursive: true }));

async function resolved(spec: ImageSpec, files: Readonly<Record<string, string>>): Promise<ResolvedImage> {
  const cwd = await mkdtemp(path.join(root, "case-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(cwd, name)), { recursive: true });
    await writeFile(path.join(cwd, name), text);
  }
  return resolveImage({ builder: "union", ...spec }, { cwd });
}

/** Texts of the archive's files by name. */
async function archived(image: ResolvedImage): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const entries = contextEntries(image, { withBases: true });
  for await (const entry of relocateEntries(entries, layOutContext(image.plan))) {
    if (entry.type !== "file") continue;
    let text = "";
    for await (const chunk of entry.open()) text += Buffer.from(chunk).toString();
    found[entry.path] = text;
  }
  return found;
}

const layersOf = ({ plan }: ResolvedImage, kind: string): unknown[] =>
  emitImageSpecMessage(plan).layers.flatMap(({ layer }) => (layer.case === kind ? [layer.value] : []));

describe("files lie as they did", () => {
  test("a requirements file, what it includes and what it names, by the names that it used", async () => {
    const image = await resolved(
      { requirements: "deps/all.txt" },
      {
        "deps/all.txt": "# all\n-r ../more.txt\n./wheels/a-1-py3-none-any.whl ; python_version > '3'\n",
        "more.txt": "-c deps/limits.txt\nsix\n",
        "deps/limits.txt": "six<2\n",
        "deps/wheels/a-1-py3-none-any.whl": "wheel",
      },
    );
    expect(await archived(image)).toEqual({
      "deps/all.txt": "-r ../more.txt\n./wheels/a-1-py3-none-any.whl ; python_version > '3'\n",
      "more.txt": "-c deps/limits.txt\nsix\n",
      "deps/limits.txt": "six<2\n",
      "deps/wheels/a-1-py3-none-any.whl": "wheel",
    });
  });

  test("what is copied to other places", async () => {
    const copy = ["a", { from: "a/x.txt", to: "/etc/y.txt" }, { from: "a/x.txt", to: "/opt/" }, "."];
    const image = await resolved({ copy }, { "a/x.txt": "x" });
    expect(await archived(image)).toEqual({ "a/x.txt": "x" });
    expect(layersOf(image, "copyConfig")).toMatchObject([
      { src: "a", dst: "/root/a/" },
      { src: "a/x.txt", dst: "/etc/y.txt" },
      { src: "a/x.txt", dst: "/opt/" },
      { src: ".", dst: "/root/./" },
    ]);
  });

  test("those of a base that is built with it", async () => {
    const image = await resolved(
      { baseImage: { requirements: "base.txt" }, copy: ["app.py"] },
      { "base.txt": "six\n", "app.py": "" },
    );
    expect(await archived(image)).toEqual({ "base.txt": "six\n", "app.py": "" });
    expect(layersOf(image, "requirements")).toMatchObject([{ file: "base.txt" }]);
  });
});

describe("files lie apart where they would make another image as they were", () => {
  test("a copied tree that holds the requirements with other bytes", async () => {
    const files = { "requirements.txt": "# why\nsix\n", "main.py": "" };
    const image = await resolved({ requirements: "requirements.txt", sourceRoot: "." }, files);
    const apart = { "source/root/requirements.txt": "# why\nsix\n", "source/root/main.py": "" };
    expect(await archived(image)).toEqual({ "requirements.txt": "six\n", ...apart });
    expect(layersOf(image, "copyConfig")).toMatchObject([{ src: "source/root", dst: "/root" }]);
  });

  test("a tree that lies outside of the working directory", async () => {
    const cwd = await mkdtemp(path.join(root, "case-"));
    await mkdir(path.join(cwd, "work"));
    await writeFile(path.join(cwd, "main.py"), "");
    const image = await resolveImage({ builder: "union", sourceRoot: ".." }, { cwd: path.join(cwd, "work") });
    expect(await archived(image)).toEqual({ "source/root/main.py": "" });
  });

  test("and nothing is where such a folder would be", async () => {
    const files = { "requirements.txt": "# why\nsix\n", "copy/0/root/a.txt": "a" };
    const spec = { requirements: "requirements.txt", sourceRoot: "copy", copy: ["."] };
    const image = await resolved(spec, files);
    expect(await archived(image)).toEqual({
      "requirements.txt": "six\n",
      "source/root/0/root/a.txt": "a",
      "copy/0/root/requirements.txt": "# why\nsix\n",
      "copy/0/root/copy/0/root/a.txt": "a",
    });
  });
});

test("the copy layers make of the archive what the plan says", async () => {
  const name = fc.constantFrom("a", "b", "a/c", "a/d", "b/c", "e.txt");
  const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4 });
  const target = fc.constantFrom(undefined, "/opt/x", "/opt/x/", "/root/a", "b");
  const entries = fc.array(fc.record({ index: fc.nat(3), to: target }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(names, entries, async (paths, order) => {
      const files = Object.fromEntries(paths.map((one) => [`${one}/f.txt`, one]));
      const copy = order.map(({ index, to }) => {
        const from = paths[index % paths.length]!;
        return to === undefined ? from : { from, to };
      });
      const image = await resolved({ copy }, files);
      const sent = await archived(image);
      const made: Record<string, string> = {};
      for (const { src, dst } of layersOf(image, "copyConfig") as { src: string; dst: string }[]) {
        for (const [place, text] of Object.entries(sent)) {
          if (!place.startsWith(`${src}/`)) continue;
          made[path.posix.join(dst, path.posix.relative(src, place))] = text;
        }
      }
      const step = image.plan.steps.find(({ kind }) => kind === "files") as FilesStep;
      const planned = step.trees.flatMap((tree) =>
        tree.files.flatMap((file) => (file.type === "file" ? [path.posix.join(tree.target, file.path)] : [])),
      );
      expect(Object.keys(made).sort()).toEqual(planned.sort());
    }),
    { numRuns: 60 },
  );
});
