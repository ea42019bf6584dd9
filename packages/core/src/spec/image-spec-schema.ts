import * as z from "zod/mini";
import type { ImageSpec } from "./image-spec.ts";

const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

const text = once(() =>
  z.string().check(
    z.refine((value) => !value.includes("\0"), { error: "holds a NUL character" }),
    z.refine((value) => value.isWellFormed(), { error: "holds half of a surrogate pair" }),
  ),
);
const filled = once(() => text().check(z.minLength(1, { error: "is empty" })));
const list = once(() => z.array(filled()));
const oneOrMore = once(() =>
  z.union([filled(), list()], { error: "expected a string or a list of strings" }),
);

const variableName = once(() =>
  filled().check(z.refine((value) => !value.includes("="), { error: "a variable's name cannot hold '='" })),
);

const copyEntry = once(() =>
  z.union([filled(), z.strictObject({ from: filled(), to: z.optional(filled()) })], {
    error: "expected a path or { from, to }",
  }),
);

/** The schema of each field, made when a spec has that field: most have few. */
const fields = {
  name: filled,
  registry: text,
  builder: () =>
    filled().check(z.regex(/^[a-z0-9][a-z0-9-]*$/, { error: "a builder's name has a-z, 0-9 and - only" })),
  baseImage: (): z.ZodMiniType<string | ImageSpec> =>
    z.union([filled(), z.lazy(imageSpecSchema)], { error: "expected a reference or a spec" }),
  pythonVersion: () =>
    text().check(
      z.regex(/^\d+\.\d+(\.\d+)?((a|b|rc)\d+)?$/, { error: 'expected a version such as "3.12", in quotes' }),
    ),
  requirements: filled,
  packages: list,
  condaPackages: list,
  condaChannels: list,
  aptPackages: list,
  env: () => z.record(variableName(), text()),
  extraPath: list,
  commands: list,
  copy: () => z.array(copyEntry()),
  sourceRoot: filled,
  sourceCopyMode: () => z.enum(["none", "all", "auto"], { error: 'expected "none", "all" or "auto"' }),
  sourceEntry: oneOrMore,
  workDirectory: () => text().check(z.regex(/^\//, { error: "expected an absolute path of the image" })),
  entrypoint: () => z.array(text()),
  platform: oneOrMore,
  cuda: filled,
  cudnn: filled,
  pipIndex: filled,
  pipExtraIndexUrl: oneOrMore,
  pipExtraArgs: () => z.union([text(), list()], { error: "expected a string or a list of strings" }),
  pipSecretMounts: () => z.array(z.tuple([filled(), text()], { error: "expected [source, target]" })),
  registryConfig: filled,
  pythonExec: filled,
  runtimePackages: list,
  tagFormat: filled,
  installProject: () => z.boolean(),
  labels: () => z.record(filled(), text()),
  builderOptions: () => z.record(filled(), z.record(filled(), z.unknown())),
};

type Fields = { [Name in keyof typeof fields]: z.ZodMiniOptional<ReturnType<(typeof fields)[Name]>> };

/** The names of all fields, for suggestions. */
export const imageSpecFields: readonly (keyof ImageSpec)[] = Object.keys(fields) as (keyof ImageSpec)[];

/** A schema of those fields; it refuses all others. */
function schemaOf(names: readonly string[]): z.ZodMiniObject<Fields, z.core.$strict> {
  const known = imageSpecFields.filter((name) => names.includes(name));
  const shape = Object.fromEntries(known.map((name) => [name, z.optional<z.core.$ZodType>(fields[name]())]));
  return z.strictObject(shape) as unknown as z.ZodMiniObject<Fields, z.core.$strict>;
}

type Exactly<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;
/** Compiles only while the hand-written type and the schema say the same, field by field. */
const typeEqualsSchema: Exactly<
  Omit<Mutable<z.infer<ReturnType<typeof schemaOf>>>, "baseImage" | "pipSecretMounts">,
  Omit<Mutable<ImageSpec>, "baseImage" | "pipSecretMounts">
> = true;

/** Validates a spec whose field names are canonical; see `parseImageSpec` for what people write. */
export const imageSpecSchema: () => z.ZodMiniType<ImageSpec> = once(
  () => typeEqualsSchema && schemaOf(imageSpecFields),
);

/** The same for one value: without the fields that it does not have. */
export function schemaFor(value: object): z.ZodMiniType<ImageSpec> {
  return schemaOf(Object.keys(value));
}
