import * as z from "zod/mini";
import type { ImageSpec } from "./image-spec.ts";
import {
  eitherOf,
  isPlainRecord,
  listOf,
  matching,
  recordOf,
  type ValueKind,
  valueKind,
} from "./value-kind.ts";

const text = valueKind(
  (value) => typeof value === "string" && !value.includes("\0") && value.isWellFormed(),
  () =>
    z.string().check(
      z.refine((value) => !value.includes("\0"), { error: "holds a NUL character" }),
      z.refine((value) => value.isWellFormed(), { error: "holds half of a surrogate pair" }),
    ),
);
const filled = valueKind(
  (value) => value !== "" && text.accepts(value),
  () => text.schema().check(z.minLength(1, { error: "is empty" })),
);
const list = listOf(filled);
const oneOrMore = eitherOf(filled, list, "expected a string or a list of strings");

const variableName = valueKind(
  (value) => filled.accepts(value) && !(value as string).includes("="),
  () =>
    filled
      .schema()
      .check(z.refine((value) => !value.includes("="), { error: "a variable's name cannot hold '='" })),
);

const copyPair = valueKind(
  (value) =>
    isPlainRecord(value, (key, entry) =>
      key === "to" ? entry === undefined || filled.accepts(entry) : key === "from" && filled.accepts(entry),
    ) && Object.hasOwn(value as object, "from"),
  () => z.strictObject({ from: filled.schema(), to: z.optional(filled.schema()) }),
);

const copyModes = ["none", "all", "auto"] as const;

const anything = valueKind(
  () => true,
  () => z.unknown(),
);

const nestedSpec: ValueKind<z.ZodMiniType<ImageSpec>> = valueKind(
  (value) => isPlainRecord(value, () => true) && isImageSpec(value as object),
  () => z.lazy(imageSpecSchema),
);

/** What each field takes. */
const fields = {
  name: filled,
  registry: text,
  builder: matching(filled, /^[a-z0-9][a-z0-9-]*$/, "a builder's name has a-z, 0-9 and - only"),
  baseImage: eitherOf(filled, nestedSpec, "expected a reference or a spec"),
  pythonVersion: matching(
    text,
    /^\d+\.\d+(\.\d+)?((a|b|rc)\d+)?$/,
    'expected a version such as "3.12", in quotes',
  ),
  requirements: filled,
  packages: list,
  condaPackages: list,
  condaChannels: list,
  aptPackages: list,
  env: recordOf(variableName, text),
  extraPath: list,
  commands: list,
  copy: listOf(eitherOf(filled, copyPair, "expected a path or { from, to }")),
  sourceRoot: filled,
  sourceCopyMode: valueKind(
    (value) => copyModes.some((mode) => mode === value),
    () => z.enum(copyModes, { error: 'expected "none", "all" or "auto"' }),
  ),
  sourceEntry: oneOrMore,
  workDirectory: matching(text, /^\//, "expected an absolute path of the image"),
  entrypoint: listOf(text),
  platform: oneOrMore,
  cuda: filled,
  cudnn: filled,
  pipIndex: filled,
  pipExtraIndexUrl: oneOrMore,
  pipExtraArgs: eitherOf(text, list, "expected a string or a list of strings"),
  pipSecretMounts: listOf(
    valueKind(
      (value) =>
        Array.isArray(value) && value.length === 2 && filled.accepts(value[0]) && text.accepts(value[1]),
      () => z.tuple([filled.schema(), text.schema()], { error: "expected [source, target]" }),
    ),
  ),
  registryConfig: filled,
  pythonExec: filled,
  runtimePackages: list,
  tagFormat: filled,
  installProject: valueKind(
    (value) => typeof value === "boolean",
    () => z.boolean(),
  ),
  labels: recordOf(filled, text),
  builderOptions: recordOf(filled, recordOf(filled, anything)),
};

type Fields = {
  [Name in keyof typeof fields]: z.ZodMiniOptional<ReturnType<(typeof fields)[Name]["schema"]>>;
};

/** The names of all fields, for suggestions. */
export const imageSpecFields: readonly (keyof ImageSpec)[] = Object.keys(fields) as (keyof ImageSpec)[];

function makeSchema(): z.ZodMiniObject<Fields, z.core.$strict> {
  const shape = Object.entries(fields).map(([name, { schema }]) => [
    name,
    z.optional<z.core.$ZodType>(schema()),
  ]);
  return z.strictObject(Object.fromEntries(shape)) as unknown as z.ZodMiniObject<Fields, z.core.$strict>;
}

type Exactly<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;
/** Compiles only while the hand-written type and the schema say the same, field by field. */
const typeEqualsSchema: Exactly<
  Omit<Mutable<z.infer<ReturnType<typeof makeSchema>>>, "baseImage" | "pipSecretMounts">,
  Omit<Mutable<ImageSpec>, "baseImage" | "pipSecretMounts">
> = true;

let schema: z.ZodMiniType<ImageSpec> | undefined;

/** Validates a spec whose field names are canonical; see `parseImageSpec` for what people write. */
export function imageSpecSchema(): z.ZodMiniType<ImageSpec> {
  schema ??= typeEqualsSchema && makeSchema();
  return schema;
}

/** Whether `imageSpecSchema` takes it as it is. */
export function isImageSpec(value: object): value is ImageSpec {
  return isPlainRecord(value, (name, entry) => {
    if (!Object.hasOwn(fields, name)) return false;
    return entry === undefined || fields[name as keyof typeof fields].accepts(entry);
  });
}
