import * as z from "zod/mini";
import { build, emit, exists, explain, plan, tags } from "./image-documents.ts";
import { builders, checkPublic, doctor, event, failure, init, lock } from "./other-documents.ts";

type JsonSchema = Readonly<Record<string, unknown>>;
type Document = Readonly<{ schema: z.ZodMiniType; title: string }>;

function ofCommand(schema: z.ZodMiniType, command: string): Document {
  return { schema, title: `What imagespec ${command} --json prints` };
}

/** Every document that programs are given, by the name of the file that describes it. */
export const documents: Readonly<Record<string, Document>> = {
  build: ofCommand(build, "build"),
  builders: ofCommand(builders, "builders"),
  "check-public": ofCommand(checkPublic, "check-public"),
  doctor: ofCommand(doctor, "doctor"),
  emit: ofCommand(emit, "emit"),
  exists: ofCommand(exists, "exists"),
  explain: ofCommand(explain, "explain"),
  init: ofCommand(init, "init"),
  lock: ofCommand(lock, "lock"),
  plan: ofCommand(plan, "plan"),
  tag: ofCommand(tags, "tag"),
  error: { schema: failure, title: "What any command prints with --json that ends before its own document" },
  event: { schema: event, title: "One line of imagespec build --progress json" },
};

/**
 * The JSON Schema of a document. Published ones are open, for fields may be added; with `closed` no field may be there
 * that the schema does not name, which is what the tests hold real output against.
 *
 * @see https://json-schema.org/draft/2020-12/schema
 */
export function documentSchema(
  { schema, title }: Document,
  { closed = false }: Readonly<{ closed?: boolean }> = {},
): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: closed ? "output" : "input" });
  return { $schema, title, ...rest };
}
