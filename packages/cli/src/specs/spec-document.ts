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

function bounded<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    // The two that yaml throws: a stack that overflows, and aliases that multiply.
    if (!(cause instanceof RangeError || cause instanceof ReferenceError)) throw cause;
    throw new ImageSpecError("SPEC_SYNTAX", "it nests too deeply, or its aliases multiply without end", {
      file,
      hint: "write it out with less nesting and fewer aliases",
      cause,
    });
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
  const document = bounded(file, () => parseDocument(text, options));
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw syntaxError(fault, { file, lines });
  keepSourceTexts(document);
  const root: Node | ParsedNode | null = document.contents;
  return {
    value: bounded(file, () => document.toJS()),
    lineOf: (field) => {
      const range = findNode(document, root, field)?.range;
      return range ? lines.linePos(range[0]).line : undefined;
    },
  };
}
