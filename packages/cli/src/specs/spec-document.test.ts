import { ImageSpecError } from "@imagespec/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSpecDocument } from "./spec-document.ts";

const read = (text: string): unknown => parseSpecDocument(text, "image.yaml").value;

function faultOf(text: string): unknown {
  try {
    read(text);
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    const { file, line } = error.details;
    return `${error.code} ${file}:${line} ${error.message}`;
  }
  return expect.fail("it was read");
}

describe("a scalar of a text field is the text that stands there", () => {
  test.each([
    ["python_version: 3.10", { python_version: "3.10" }],
    [
      "env:\n  Debug: True\n  Port: 0x1F\n  Ratio: 1.50\n  Date: 2024-01-01",
      { env: { Debug: "True", Port: "0x1F", Ratio: "1.50", Date: "2024-01-01" } },
    ],
    ["packages: [1.0, .5, yes]", { packages: ["1.0", ".5", "yes"] }],
    ["env: {1.0: a, true: b, ~: c}", { env: { "1.0": "a", true: "b", "": "c" } }],
    ["python_version: '3.10'", { python_version: "3.10" }],
    ["platform:", { platform: null }],
    ["platform: ~", { platform: null }],
  ])("%s", (text, value) => expect(read(text)).toEqual(value));

  test("but builder options and installProject keep their types", () => {
    const text = "install_project: true\nbuilder_options:\n  docker: {retries: 3, 1.0: on, deep: [{x: 1.5}]}";
    expect(read(text)).toEqual({
      install_project: true,
      builder_options: { docker: { retries: 3, "1.0": "on", deep: [{ x: 1.5 }] } },
    });
  });
});

describe("documents", () => {
  test("anchors and merge keys work", () => {
    const text =
      "images:\n  a: &a\n    env: {A: 1}\n    python_version: 3.10\n  b:\n    <<: *a\n    name: other";
    expect(read(text)).toEqual({
      images: {
        a: { env: { A: "1" }, python_version: "3.10" },
        b: { env: { A: "1" }, python_version: "3.10", name: "other" },
      },
    });
  });

  test.each([
    [
      "a: 1\nb: [",
      "SPEC_SYNTAX image.yaml:2 Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    ["a: 1\na: 2", "SPEC_SYNTAX image.yaml:2 Map keys must be unique"],
    [
      "a: 1\n---\nb: 2",
      "SPEC_SYNTAX image.yaml:2 Source contains multiple documents; please use YAML.parseAllDocuments()",
    ],
    [
      "a: 1\nb: !!python/object:os.system x",
      "SPEC_SYNTAX image.yaml:2 Unresolved tag: tag:yaml.org,2002:python/object:os.system",
    ],
    ["a: *nowhere", "SPEC_SYNTAX image.yaml:1 nothing is called *nowhere"],
  ])("%j is refused", (text, fault) => expect(faultOf(text)).toBe(fault));

  test("aliases that multiply end in an error, not in a full memory", () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const inner = level === 0 ? "x" : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(10).fill(inner).join(", ")}]`;
    });
    expect(faultOf(levels.join("\n"))).toMatch(/^SPEC_SYNTAX .* its aliases multiply without end/);
  });

  test.each([
    ["[".repeat(1_000_000)],
    [`${"[".repeat(5000)}${"]".repeat(5000)}`],
    [`${"{a: ".repeat(5000)}1${"}".repeat(5000)}`],
    ["- ".repeat(500_000)],
    ["? ".repeat(5000)],
    [Array.from({ length: 500 }, (_, level) => `${" ".repeat(level)}a:`).join("\n")],
  ])("nesting without end is an error: %.12s", (text) => {
    expect(faultOf(text)).toBe("SPEC_SYNTAX image.yaml:undefined it nests too deeply");
  });

  test("breadth is no depth", () => {
    const packages = Array.from({ length: 3000 }, (_, index) => `p-${index}`);
    expect(read(JSON.stringify({ packages }))).toEqual({ packages });
    expect(read(`packages:\n${packages.map((name) => `  - ${name}`).join("\n")}`)).toEqual({ packages });
  });
});

describe("JSON is read as YAML", () => {
  /** A spec's own texts are what is asked here; numbers take their source, see above. */
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constant(null),
      fc.array(tie("value")),
      fc.dictionary(fc.string({ unit: "binary" }), tie("value")),
    ),
  })).value;

  test("with the value that JSON.parse gives", () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(read(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });
});

describe("the line of a field", () => {
  const text = `images:
  api:
    packages:
      - pandas
      - 5
    copy:
      - from: a
        to: b
    apt_packages: [git]
    env:
      A.B: x
  base: &base
    name: n
  alias: *base
`;
  const { lineOf } = parseSpecDocument(text, "image.yaml");

  test.each([
    ["images.api", 2],
    ["images.api.packages[1]", 5],
    ["images.api.copy[0].to", 8],
    ["images.api.aptPackages[0]", 9],
    ["images.api.apt_packages", 9],
    ["images.api.env.A.B", 11],
    ["images.alias.name", 13],
    ["images.api.commands[0]", 2],
    ["images.api.packages[7]", 3],
    ["nothing", undefined],
    ["", undefined],
  ])("%s", (field, line) => expect(lineOf(field)).toBe(line));
});
