import { ImageSpecError } from "@imagespec/core";
import {
  type Document,
  isScalar,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
} from "yaml";
import { isTooDeep } from "./check-nesting.ts";
import { findNode } from "./find-node.ts";

/** A text that holds specs. */
export type SpecDocument = Readonly<{
  /** Plain data. */
  value: unknown;
  /** The line, from 1, of the field at a path such as `images.api.copy[0].from`; of the nearest field around it when it is absent. */
  lineOf(field: string): number | undefined;
}>;

/** Fields, in either case, whose values keep their YAML type. Every other scalar is the text that stands there. */
const typedFields = new Set([
  "builderOptions",
  "builder_options",
  "builderConfig",
  "builder_config",
  "installProject",
  "install_project",
]);

function isTyped(ancestors: readonly unknown[]): boolean {
  return ancestors.some((node) => {
    const { key } = node as { key?: unknown };
    return isScalar(key) && typedFields.has(String(key.value));
  });
}

/**
 * A field of text takes the scalar's source: `3.10` is "3.10" and `True` is "True", as people mean it who know YAML by
 * its looks.
 */
function keepSourceTexts(document: Document): void {
  visit(document, {
    Scalar(key, node: Scalar, ancestors) {
      const { value, source } = node;
      const isText = typeof value === "string" || value === null;
      if (isText || source === undefined || (key !== "key" && isTyped(ancestors))) return;
      node.value = source;
    },
  });
}

type Place = Readonly<{ file: string; lines: LineCounter }>;

function syntaxError({ message, pos }: YAMLError, { file, lines }: Place): ImageSpecError {
  return new ImageSpecError("SPEC_SYNTAX", message, {
    file,
    line: lines.linePos(pos[0]).line,
    hint: "correct the file: it is not valid YAML",
  });
}

/** An alias without an anchor before it is found only when the value is made, and then without its place. */
function checkAliases(document: Document, { file, lines }: Place): void {
  visit(document, {
    Alias(_, node) {
      if (node.resolve(document) !== undefined) return;
      const line = node.range ? lines.linePos(node.range[0]).line : undefined;
      const hint = `write the anchor before it: &${node.source}`;
      throw new ImageSpecError("SPEC_SYNTAX", `nothing is called *${node.source}`, { file, line, hint });
    },
  });
}

/** The value, unless aliases of aliases make it many times the text. */
function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    const hint = "write it out, with fewer aliases";
    throw new ImageSpecError("SPEC_SYNTAX", "its aliases multiply without end", { file, hint, cause });
  }
}

/**
 * Reads YAML, of which JSON is a part. Anchors and merge keys work; a key given twice and an unknown tag are errors.
 *
 * @throws ImageSpecError `SPEC_SYNTAX`, with the line
 */
export function parseSpecDocument(text: string, file: string): SpecDocument {
  const lines = new LineCounter();
  const options = { lineCounter: lines, merge: true, prettyErrors: false, uniqueKeys: true } as const;
  if (isTooDeep(text)) {
    throw new ImageSpecError("SPEC_SYNTAX", "it nests too deeply", {
      file,
      hint: "no field nests like this",
    });
  }
  const document = parseDocument(text, options);
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw syntaxError(fault, { file, lines });
  checkAliases(document, { file, lines });
  keepSourceTexts(document);
  const root: Node | ParsedNode | null = document.contents;
  return {
    value: toValue(document, file),
    lineOf: (field) => {
      const range = findNode(document, root, field)?.range;
      return range ? lines.linePos(range[0]).line : undefined;
    },
  };
}
