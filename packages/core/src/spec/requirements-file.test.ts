import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { FileDigests } from "../context/digest-files.ts";
import { FileTexts } from "../context/file-texts.ts";
import { parseRequirements, readRequirements } from "./requirements-file.ts";

const root = mkdtempSync(path.join(tmpdir(), "imagespec-requirements-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(root, "case-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

describe("parseRequirements", () => {
  test("reads lines as pip does", () => {
    const text = [
      "\uFEFF# a comment",
      "numpy==1.26.4 # why",
      "requests [security] >= 2.8.1 , == 2.8.* ; python_version < '2.7'",
      "",
      "pandas \\",
      "    --hash=sha256:aa \\",
      "    --hash=sha256:bb",
      "url @ https://example.com/a#egg=url",
      "--index-url https://index.example/simple",
      "-rmore.txt",
      "--constraint=limits.txt",
      "-r https://example.com/remote.txt",
      "-e ./local[extra]",
      "./wheels/six-1.0-py3-none-any.whl ; python_version > '3'",
      "-e git+https://example.com/a.git#egg=a",
      "--find-links ./wheels",
    ].join("\r\n");
    expect(parseRequirements(text)).toMatchInlineSnapshot(`
      [
        {
          "kind": "requirement",
          "text": "numpy==1.26.4",
        },
        {
          "kind": "requirement",
          "text": "requests [security] >= 2.8.1 , == 2.8.* ; python_version < '2.7'",
        },
        {
          "kind": "requirement",
          "text": "pandas --hash=sha256:aa --hash=sha256:bb",
        },
        {
          "kind": "requirement",
          "text": "url @ https://example.com/a#egg=url",
        },
        {
          "kind": "option",
          "text": "--index-url https://index.example/simple",
        },
        {
          "kind": "include",
          "option": "-r",
          "path": "more.txt",
        },
        {
          "kind": "include",
          "option": "-c",
          "path": "limits.txt",
        },
        {
          "kind": "option",
          "text": "-r https://example.com/remote.txt",
        },
        {
          "kind": "local",
          "path": "./local",
          "suffix": "[extra]",
        },
        {
          "kind": "local",
          "path": "./wheels/six-1.0-py3-none-any.whl",
          "suffix": " ; python_version > '3'",
        },
        {
          "kind": "requirement",
          "text": "git+https://example.com/a.git#egg=a",
        },
        {
          "kind": "local",
          "option": "--find-links",
          "path": "./wheels",
          "suffix": "",
        },
      ]
    `);
  });

  test("a comment line inside a continuation ends it", () => {
    expect(parseRequirements("a==1 \\\n# no\nb==2")).toEqual([
      { kind: "requirement", text: "a==1" },
      { kind: "requirement", text: "b==2" },
    ]);
  });

  test("comments, blank lines and line endings mean nothing", () => {
    const lines = fc.array(fc.constantFrom("a==1", "b>=2", "c[x]==3 ; python_version > '3'"), {
      maxLength: 5,
    });
    const noise = fc.array(fc.constantFrom("", "# note", "   ", "\t# x"), { maxLength: 3 });
    fc.assert(
      fc.property(lines, noise, fc.constantFrom("\n", "\r\n", "\r"), (plain, extra, end) => {
        const noisy = plain.flatMap((line) => [...extra, `  ${line}\t# c`]).join(end);
        expect(parseRequirements(noisy)).toEqual(parseRequirements(plain.join("\n")));
      }),
    );
  });

  test("no text makes it throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => void parseRequirements(text)),
      { numRuns: 2000 },
    );
  });
});

const texts = (): FileTexts => new FileTexts(new FileDigests({ cache: false }));

describe("readRequirements", () => {
  test("follows includes, each file once", async () => {
    const folder = write({
      "requirements.txt": "-r a.txt\n-r b.txt\nx\n",
      "a.txt": "-c limits.txt\na\n",
      "b.txt": "-c limits.txt\nb\n",
      "limits.txt": "a<2\n",
    });
    const files = await readRequirements(path.join(folder, "requirements.txt"), texts());
    expect(files.map(({ file }) => path.basename(file))).toEqual([
      "requirements.txt",
      "a.txt",
      "limits.txt",
      "b.txt",
    ]);
  });

  test("a file that includes itself is an error", async () => {
    const folder = write({ "requirements.txt": "-r other.txt\n", "other.txt": "-r requirements.txt\n" });
    await expect(readRequirements(path.join(folder, "requirements.txt"), texts())).rejects.toMatchObject({
      code: "SPEC_REQUIREMENTS_CYCLE",
      details: { field: "requirements", hint: "requirements.txt → other.txt → requirements.txt" },
    });
  });

  test("a missing include names who includes it", async () => {
    const folder = write({ "requirements.txt": "-r nowhere.txt\n" });
    await expect(readRequirements(path.join(folder, "requirements.txt"), texts())).rejects.toMatchObject({
      code: "SPEC_FILE_NOT_FOUND",
      details: { hint: expect.stringContaining("requirements.txt") },
    });
  });
});
