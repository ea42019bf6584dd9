import type { Readable } from "node:stream";
import {
  type BuildEvent,
  errorOf,
  type ImageSpecError,
  type JsonObject,
  readJsonLines,
  textOf,
} from "@imagespec/core";
import type { BuildOrder } from "../drivers/driver.ts";
import { type Remedies, remediesOf } from "../drivers/remedies.ts";
import type { Engine } from "../engine.ts";
import { engineLost } from "../engine-fault.ts";
import type { ProgressReader } from "../progress/progress-reader.ts";
import { buildFailure } from "./build-failure.ts";
import { BuildProgress } from "./build-progress.ts";
import { decodeTrace } from "./trace.ts";

/** A build by an engine's API. */
export type ApiBuild = Readonly<{
  /** The image that events and errors are about. */
  image: string;
  /** What the Dockerfile starts from. */
  base: string;
  platform: string;
  /** An uncompressed tar, destroyed when the build ends, however it ends; undefined: the engine asks for files. */
  context?: Readable | undefined;
  query: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>> | undefined;
  /** Reads what comes as text; BuildKit's own traces need none. */
  reader?: ProgressReader | undefined;
  /** Default: those of Docker's engine. */
  remedies?: Remedies;
  emit(event: BuildEvent): void;
  signal: AbortSignal;
}>;

/** The part of a query that all engines have in common. */
export function buildQuery({
  reference,
  platforms,
  buildArguments,
  proxies,
  noCache,
}: Pick<BuildOrder, "reference" | "platforms" | "buildArguments" | "proxies" | "noCache">): Record<
  string,
  string
> {
  return {
    ...(reference === undefined ? {} : { t: reference }),
    platform: platforms.join(","),
    buildargs: JSON.stringify({ ...proxies, ...buildArguments }),
    ...(noCache ? { nocache: "1" } : {}),
  };
}

type Answer = { imageId: string | undefined; error: string | undefined };

/**
 * Has the engine build a context, under the name that the query gives it. Resolves to the image's id, which alone
 * is success: an answer that just ends is none.
 *
 * @throws ImageSpecError `BUILD_STEP_FAILED`, `BASE_IMAGE_NOT_FOUND`, `ENGINE_LOST` and others; the error of the
 *   context's producer, where that failed first; the signal's reason on abort
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageBuild
 */
export async function buildImage(engine: Engine, order: ApiBuild): Promise<string> {
  let producerFault: { error: unknown } | undefined;
  order.context?.on("error", (error) => {
    producerFault ??= { error };
  });
  const progress = new BuildProgress(order.image, order.emit);
  try {
    const answer = await readAnswer(await startBuild(engine, order), progress, order.reader);
    if (order.reader !== undefined) progress.accept(order.reader.end(answer.error));
    progress.finish();
    if (answer.error !== undefined) throw failureOf(answer.error, order, progress);
    if (order.signal.aborted || answer.imageId === undefined) throw engineLost(engine.endpoint);
    return answer.imageId;
  } catch (error) {
    if (order.signal.aborted) throw order.signal.reason;
    throw producerFault === undefined ? engine.faultOf(error) : producerFault.error;
  } finally {
    progress.finish();
    order.context?.destroy();
  }
}

function startBuild(engine: Engine, order: ApiBuild): Promise<Readable> {
  return engine.stream("/build", {
    method: "POST",
    ...(order.context === undefined ? {} : { body: order.context }),
    headers: { ...order.headers, "Content-Type": "application/x-tar" },
    signal: order.signal,
    query: order.query,
  });
}

async function readAnswer(
  stream: Readable,
  progress: BuildProgress,
  reader: ProgressReader | undefined,
): Promise<Answer> {
  const answer: Answer = { imageId: undefined, error: undefined };
  for await (const message of readJsonLines(stream)) {
    readMessage(message, answer, progress);
    const text = textOf(message, "stream");
    if (text !== undefined && reader !== undefined) readText(text, answer, { progress, reader });
  }
  return answer;
}

function readMessage(message: JsonObject, answer: Answer, progress: BuildProgress): void {
  if (message.id === "moby.buildkit.trace" && typeof message.aux === "string") {
    progress.accept(decodeTrace(Buffer.from(message.aux, "base64")));
  }
  answer.imageId = textOf(message.aux, "ID") ?? answer.imageId;
  answer.error ??= errorOf(message)?.trim();
}

type Reading = Readonly<{ progress: BuildProgress; reader: ProgressReader }>;

function readText(text: string, answer: Answer, { progress, reader }: Reading): void {
  progress.accept(reader.read(Buffer.from(text)));
  answer.imageId ??= /^Successfully built ([0-9a-f]{12,64})\s*$/.exec(text)?.[1];
}

function failureOf(message: string, order: ApiBuild, progress: BuildProgress): ImageSpecError {
  const { image, base, platform, remedies = remediesOf("docker") } = order;
  return buildFailure({ message, steps: progress.steps(), image, base, platform, remedies });
}
