import * as z from "zod/mini";
import type { ImageSpec } from "./image-spec.ts";

const text = z.string().check(
  z.refine((value) => !value.includes("\0"), { error: "holds a NUL character" }),
  z.refine((value) => value.isWellFormed(), { error: "holds half of a surrogate pair" }),
);
const filled = text.check(z.minLength(1, { error: "is empty" }));
const list = z.array(filled);
const oneOrMore = z.union([filled, list], { error: "expected a string or a list of strings" });

const variableName = filled.check(
  z.refine((value) => !value.includes("="), { error: "a variable's name cannot hold '='" }),
);

const copyEntry = z.union([filled, z.strictObject({ from: filled, to: z.optional(filled) })], {
  error: "expected a path or { from, to }",
});

const fields = {
  name: z.optional(filled),
  registry: z.optional(text),
  builder: z.optional(
    filled.check(z.regex(/^[a-z0-9][a-z0-9-]*$/, { error: "a builder's name has a-z, 0-9 and - only" })),
  ),
  get baseImage(): z.ZodMiniOptional<z.ZodMiniType<string | ImageSpec>> {
    return z.optional(z.union([filled, imageSpecSchema], { error: "expected a reference or a spec" }));
  },
  pythonVersion: z.optional(
    text.check(
      z.regex(/^\d+\.\d+(\.\d+)?((a|b|rc)\d+)?$/, { error: 'expected a version such as "3.12", in quotes' }),
    ),
  ),
  requirements: z.optional(filled),
  packages: z.optional(list),
  condaPackages: z.optional(list),
  condaChannels: z.optional(list),
  aptPackages: z.optional(list),
  env: z.optional(z.record(variableName, text)),
  extraPath: z.optional(list),
  commands: z.optional(list),
  copy: z.optional(z.array(copyEntry)),
  sourceRoot: z.optional(filled),
  sourceCopyMode: z.optional(z.enum(["none", "all", "auto"], { error: 'expected "none", "all" or "auto"' })),
  sourceEntry: z.optional(oneOrMore),
  workDirectory: z.optional(text.check(z.regex(/^\//, { error: "expected an absolute path of the image" }))),
  entrypoint: z.optional(z.array(text)),
  platform: z.optional(oneOrMore),
  cuda: z.optional(filled),
  cudnn: z.optional(filled),
  pipIndex: z.optional(filled),
  pipExtraIndexUrl: z.optional(oneOrMore),
  pipExtraArgs: z.optional(z.union([text, list], { error: "expected a string or a list of strings" })),
  pipSecretMounts: z.optional(z.array(z.tuple([filled, text], { error: "expected [source, target]" }))),
  registryConfig: z.optional(filled),
  pythonExec: z.optional(filled),
  runtimePackages: z.optional(list),
  tagFormat: z.optional(filled),
  installProject: z.optional(z.boolean()),
  labels: z.optional(z.record(filled, text)),
  builderOptions: z.optional(z.record(filled, z.record(filled, z.unknown()))),
};

/** The names of all fields, for suggestions. */
export const imageSpecFields: readonly (keyof ImageSpec)[] = Object.keys(fields) as (keyof ImageSpec)[];

const schema = z.strictObject(fields);

type Exactly<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;
/** Compiles only while the hand-written type and the schema say the same, field by field. */
const typeEqualsSchema: Exactly<
  Omit<Mutable<z.infer<typeof schema>>, "baseImage" | "pipSecretMounts">,
  Omit<Mutable<ImageSpec>, "baseImage" | "pipSecretMounts">
> = true;

/** Validates a spec whose field names are canonical; see `parseImageSpec` for what people write. */
export const imageSpecSchema: z.ZodMiniType<ImageSpec> = typeEqualsSchema && schema;
