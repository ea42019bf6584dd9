import { create } from "@bufbuild/protobuf";
import {
  type PipOptions,
  PipOptionsSchema,
} from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/definition_pb.ts";
import type { IndexOptions } from "@imagespec/core/builder";
import { quote } from "shlex";

/** Union's builder hands the text to a shell. */
export function joinArguments(values: readonly string[]): string {
  return values.map((value) => quote(value)).join(" ");
}

/** `--pre` has a field of its own; `added` follows the caller's arguments, once. */
export function pipOptions(index: IndexOptions, added: readonly string[] = []): PipOptions {
  const own = index.extraArguments.filter((argument) => argument !== "--pre");
  const missing = added.filter((argument) => !own.includes(argument));
  return create(PipOptionsSchema, {
    indexUrl: index.index ?? "",
    extraIndexUrls: [...index.extraIndexes],
    pre: index.extraArguments.includes("--pre"),
    extraArgs: joinArguments([...own, ...missing]),
  });
}
