import type { EmittedFile } from "@imagespec/core/builder";
import type { EmittedDockerfile } from "./dockerfile/index.ts";

/** What is emitted for a plan as files, the Dockerfile first: what `emit` shows and what `build` sends. */
export function dockerFiles({ text, files }: EmittedDockerfile): readonly EmittedFile[] {
  return [{ path: "Dockerfile", content: text }, ...files];
}
