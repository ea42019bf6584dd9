import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import path from "node:path";
import type { BuildRequest } from "@imagespec/core/builder";
import { packContext } from "../context/archive-context.ts";
import type { UnionOptions } from "../options.ts";
import type { Upload } from "./upload.ts";

export function messageUpload(bytes: Uint8Array): Upload {
  const md5 = createHash("md5").update(bytes).digest();
  return { name: "spec.pb", size: bytes.length, md5, content: { bytes } };
}

/**
 * Packs the context into a file of the build's own: its digest and size are wanted before its first byte is sent.
 * Undefined where there are no files.
 */
export async function contextUpload(request: BuildRequest<UnionOptions>): Promise<Upload | undefined> {
  const { plan, services, signal } = request;
  const packed = packContext(plan, services.context);
  if (!packed) return undefined;
  const file = path.join(await services.temporaryDirectory(), packed.path);
  const md5 = createHash("md5");
  const target = await open(file, "wx", 0o600);
  let size = 0;
  try {
    for await (const chunk of packed.content()) {
      signal.throwIfAborted();
      md5.update(chunk);
      size += chunk.length;
      await target.writeFile(chunk);
    }
  } finally {
    await target.close();
  }
  return { name: packed.path, size, md5: md5.digest(), content: { file } };
}
