import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import path from "node:path";
import type { BuildServices } from "@imagespec/core/builder";
import { archiveContext } from "../context/archive-context.ts";
import type { Upload } from "./upload.ts";

export function messageUpload(bytes: Uint8Array): Upload {
  const md5 = createHash("md5").update(bytes).digest();
  return { name: "spec.pb", size: bytes.length, md5, content: { bytes } };
}

/** Packs the context into a file of the build's own: its digest and size are wanted before its first byte is sent. */
export async function contextUpload(services: BuildServices, signal: AbortSignal): Promise<Upload> {
  const file = path.join(await services.temporaryDirectory(), "context.tar.gz");
  const md5 = createHash("md5");
  const target = await open(file, "wx", 0o600);
  let size = 0;
  try {
    for await (const chunk of archiveContext(services.context())) {
      signal.throwIfAborted();
      md5.update(chunk);
      size += chunk.length;
      await target.writeFile(chunk);
    }
  } finally {
    await target.close();
  }
  return { name: "context.tar.gz", size, md5: md5.digest(), content: { file } };
}
