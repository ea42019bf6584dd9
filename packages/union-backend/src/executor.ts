import type { ImageSpec } from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/definition_pb.ts";

/** One image to be built. */
export type Job = Readonly<{
  message: ImageSpec;
  /** The bytes of `context.tar.gz`; absent where no files were sent. */
  context: Buffer | undefined;
  /** `name:tag` or `registry/name:tag`. */
  target: string;
  log: (line: string) => void;
  signal: AbortSignal;
}>;

/** Builds and pushes; gives the name of the image, or throws why there is none. */
export type Executor = (job: Job) => Promise<string>;
