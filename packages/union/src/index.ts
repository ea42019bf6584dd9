export { union } from "./builder.ts";
export { checkImageSpecMessage } from "./emit/check-image-spec-message.ts";
export {
  emitImageSpecMessage,
  encodeImageSpecMessage,
  type ImageSpecMessage,
  printImageSpecMessage,
} from "./emit/emit-image-spec-message.ts";
export { type UnionHost, type UnionOptions, unionOptionsSchema } from "./options.ts";
