import { create } from "@bufbuild/protobuf";
import {
  type Inputs,
  type NamedLiteral,
  NamedLiteralSchema,
} from "@flyteorg/flyteidl2/flyteidl2/task/common_pb.ts";

/** The texts among inputs, by name. */
export function textInputs(inputs: Inputs | undefined): Record<string, string> {
  const entries = (inputs?.literals ?? []).map(({ name, value }) => {
    const scalar = value?.value.case === "scalar" ? value.value.value.value : undefined;
    const primitive = scalar?.case === "primitive" ? scalar.value.value : undefined;
    return [name, primitive?.case === "stringValue" ? primitive.value : ""];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A text as an output. */
export function literal(name: string, text: string): NamedLiteral {
  const primitive = { value: { case: "stringValue" as const, value: text } };
  const scalar = { value: { case: "primitive" as const, value: primitive } };
  return create(NamedLiteralSchema, { name, value: { value: { case: "scalar", value: scalar } } });
}
