import { readFile } from "node:fs/promises";
import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { Options } from "tsup";

/** Files that say how others are validated and mapped to REST, of which nothing is sent. */
const annotations = new Map([
  ["buf/validate/validate.proto", "file_buf_validate_validate"],
  ["google/api/annotations.proto", "file_google_api_annotations"],
]);

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];
type WithOptions = Readonly<{ options?: Message | undefined }>;

/** Extensions of options are fields that their message does not know. */
function dropExtensions(described: readonly WithOptions[]): void {
  for (const { options } of described) if (options !== undefined) delete options.$unknown;
}

type MessageDescriptor = FileDescriptorProto["messageType"][number];

function slimMessage(message: MessageDescriptor): void {
  const { field, oneofDecl, enumType } = message;
  dropExtensions([message, ...field, ...oneofDecl, ...enumType, ...enumType.flatMap(({ value }) => value)]);
  for (const nested of message.nestedType) slimMessage(nested);
}

/** The same descriptor without annotations. */
function slimDescriptor(encoded: string): string {
  const file = fromBinary(FileDescriptorProtoSchema, base64Decode(encoded));
  if (file.publicDependency.length + file.weakDependency.length > 0) return encoded;
  file.dependency = file.dependency.filter((name) => !annotations.has(name));
  const { enumType, service } = file;
  dropExtensions([file, ...enumType, ...enumType.flatMap(({ value }) => value)]);
  dropExtensions([...service, ...service.flatMap(({ method }) => method)]);
  for (const message of file.messageType) slimMessage(message);
  return base64Encode(toBinary(FileDescriptorProtoSchema, file), "std_raw");
}

function slimModule(text: string): string {
  const slim = text.replace(
    /fileDesc\("([^"]+)"/,
    (_, encoded: string) => `fileDesc(${JSON.stringify(slimDescriptor(encoded))}`,
  );
  const names = [...annotations.values()].join("|");
  return slim
    .replace(new RegExp(`^import \\{ (?:${names}) \\} from .*$`, "gm"), "")
    .replace(new RegExp(`\\b(?:${names}), |(?:, )?\\b(?:${names})\\b`, "g"), "");
}

/**
 * Leaves the annotations out of Flyte's messages: to read the rules of validation, which only a server applies, takes a
 * command longer than to ask whether an image is there.
 */
export const slimDescriptors: Plugin = {
  name: "slim-descriptors",
  setup({ onLoad }) {
    onLoad({ filter: /flyteidl2[\\/]flyteidl2[\\/].*_pb\.ts$/ }, async ({ path }) => ({
      contents: slimModule(await readFile(path, "utf8")),
      loader: "ts",
    }));
  },
};
