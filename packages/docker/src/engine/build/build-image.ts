import type { Readable } from "node:stream";
import {
  type BuildEvent,
  errorOf,
  type ImageSpecError,
  type JsonObject,
  readJsonLines,
  textOf,
} from "@imagespec/core";
import type { Engine } from "../engine.ts";
import { engineLost } from "../engine-fault.ts";
import { buildFailure } from "./build-failure.ts";
import { BuildProgress } from "./build-progress.ts";
import { decodeTrace } from "./trace.ts";

export type BuildOrder = Readonly<{
  /** The image that events and errors are about. */
  image: string;
  /** What it is to be called in the engine's store; undefined: nothing. */
  reference: string | undefined;
  /** What the Dockerfile starts from. */
  base: string;
  platform: string;
  /** The id of a live session. */
  session: string;
  /** An uncompressed tar. Destroyed when the build ends, however it ends. */
  context: Readable;
  buildArguments: Readonly<Record<string, string>>;
  /** Nothing that was built before counts. */
  noCache: boolean;
  emit(event: BuildEvent): void;
  signal: AbortSignal;
}>;

type Answer = { imageId: string | undefined; error: string | undefined };

/**
 * Has the engine build a context with BuildKit, under the name of the order. Resolves to the image's id, which alone
 * is success: an answer that just ends is none.
 *
 * @throws ImageSpecError `BUILD_STEP_FAILED`, `BASE_IMAGE_NOT_FOUND`, `ENGINE_LOST` and others; the error of the
 *   context's producer, where that failed first; the signal's reason on abort
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageBuild
 */
export async function buildImage(engine: Engine, order: BuildOrder): Promise<string> {
  let producerFault: { error: unknown } | undefined;
  order.context.on("error", (error) => {
    producerFault ??= { error };
  });
  const progress = new BuildProgress(order.image, order.emit);
  try {
    const answer = await readAnswer(await startBuild(engine, order), progress);
    progress.finish();
    if (answer.error !== undefined) throw failureOf(answer.error, order, progress);
    if (order.signal.aborted || answer.imageId === undefined) throw engineLost(engine.endpoint);
    return answer.imageId;
  } catch (error) {
    if (order.signal.aborted) throw order.signal.reason;
    throw producerFault === undefined ? engine.faultOf(error) : producerFault.error;
  } finally {
    progress.finish();
    order.context.destroy();
  }
}

function startBuild(engine: Engine, order: BuildOrder): Promise<Readable> {
  return engine.stream("/build", {
    method: "POST",
    body: order.context,
    headers: { "Content-Type": "application/x-tar" },
    signal: order.signal,
    query: {
      version: "2",
      ...(order.reference === undefined ? {} : { t: order.reference }),
      session: order.session,
      platform: order.platform,
      buildargs: JSON.stringify(order.buildArguments),
      ...(order.noCache ? { nocache: "1" } : {}),
    },
  });
}

async function readAnswer(stream: Readable, progress: BuildProgress): Promise<Answer> {
  const answer: Answer = { imageId: undefined, error: undefined };
  for await (const message of readJsonLines(stream)) readMessage(message, answer, progress);
  return answer;
}

function readMessage(message: JsonObject, answer: Answer, progress: BuildProgress): void {
  if (message.id === "moby.buildkit.trace" && typeof message.aux === "string") {
    progress.accept(decodeTrace(Buffer.from(message.aux, "base64")));
  }
  if (message.id === "moby.image.id") answer.imageId = textOf(message.aux, "ID");
  answer.error ??= errorOf(message);
}

function failureOf(message: string, order: BuildOrder, progress: BuildProgress): ImageSpecError {
  const { image, base, platform } = order;
  return buildFailure({ message, steps: progress.steps(), image, base, platform });
}
