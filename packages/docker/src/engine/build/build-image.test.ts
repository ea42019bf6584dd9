import { Readable } from "node:stream";
import type { BuildEvent } from "@imagespec/core";
import { afterEach, expect, test } from "vitest";
import { traceMessage } from "../../../test/support/encode-trace.ts";
import {
  type Answer,
  type FakeEngine,
  jsonLines,
  startFakeEngine,
} from "../../../test/support/fake-engine.ts";
import { recordedBuild } from "../../../test/support/recorded-build.ts";
import { type ApiBuild, buildImage, buildQuery } from "./build-image.ts";

const imageId = { id: "moby.image.id", aux: { ID: "sha256:0123" } };
let fake: FakeEngine | undefined;

afterEach(async () => {
  await fake?.stop();
});

function chunks(count: number, size = 65_536): Readable {
  return Readable.from(
    (function* () {
      for (let index = 0; index < count; index += 1) yield Buffer.alloc(size);
    })(),
  );
}

async function build(answer: Answer, parts: Partial<ApiBuild> = {}) {
  fake = await startFakeEngine({ "POST /build": answer });
  const events: BuildEvent[] = [];
  const context = parts.context ?? chunks(1);
  const order: ApiBuild = {
    image: "app:1",
    base: "docker.io/library/base:1",
    platform: "linux/amd64",
    context,
    query: {},
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    ...parts,
  };
  const result = buildImage(fake.engine, order);
  return { result, events, context };
}

/** Reads the whole context, then answers. */
function afterUpload(...messages: readonly object[]): Answer {
  return (request, response) => {
    request.resume();
    request.on("end", () => response.end(jsonLines(...messages)));
  };
}

test("asks for the name, the platform and the build arguments", async () => {
  const buildArguments = { A: 'two\nlines "quoted" & more' };
  const asked = {
    reference: "app:1",
    platforms: ["linux/amd64"],
    buildArguments,
    proxies: {},
    noCache: true,
  };
  const { result } = await build(afterUpload(imageId), { query: buildQuery(asked) });
  expect(await result).toBe("sha256:0123");
  const { searchParams } = new URL(fake!.requests[0]!.replace("POST ", "http://engine"));
  expect(Object.fromEntries(searchParams)).toEqual({
    t: "app:1",
    platform: "linux/amd64",
    buildargs: JSON.stringify(buildArguments),
    nocache: "1",
  });
});

test("a failure comes inside an answer of status 200", async () => {
  const { result, events } = await build(afterUpload(...(await recordedBuild())));
  await expect(result).rejects.toMatchObject({
    code: "BUILD_STEP_FAILED",
    details: { step: { exitCode: 42, log: ["hällo", "world"] } },
  });
  expect(events.filter(({ type }) => type === "step-log")).toHaveLength(2);
});

test("an early 500 while a large context is on its way is told, and the context is let go", async () => {
  const answer: Answer = (request, response) => {
    request.once("data", () => {
      response.writeHead(500, { "Content-Type": "application/json", Connection: "close" });
      response.end(JSON.stringify({ message: "session not found" }));
    });
  };
  const { result, context } = await build(answer, { context: chunks(10_000) });
  await expect(result).rejects.toMatchObject({
    code: "ENGINE_ERROR",
    message: expect.stringContaining("session not found"),
  });
  expect(context.destroyed).toBe(true);
});

test("an engine that hangs up during the upload is lost", async () => {
  const answer: Answer = (request) => {
    request.once("data", () => request.socket.destroy());
  };
  const { result, context } = await build(answer, { context: chunks(10_000) });
  await expect(result).rejects.toMatchObject({ code: "ENGINE_LOST" });
  expect(context.destroyed).toBe(true);
});

test("an engine that dies during the build is lost", async () => {
  const answer: Answer = (request, response) => {
    request.resume();
    request.on("end", () => {
      response.write(jsonLines(traceMessage({ vertices: [{ digest: "a", name: "x", started: 1 }] })));
      setTimeout(() => request.socket.destroy(), 20);
    });
  };
  await expect((await build(answer)).result).rejects.toMatchObject({ code: "ENGINE_LOST" });
});

test("an answer that ends without an image id is no success", async () => {
  const { result } = await build(afterUpload({ stream: "Successfully tagged app:1\n" }));
  await expect(result).rejects.toMatchObject({ code: "ENGINE_LOST" });
});

test("an error of the context's producer is the error of the build, and ends the request", async () => {
  const fault = Object.assign(new Error("a.py is gone"), { code: "ENOENT" });
  let begin = () => {};
  const hasBegun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const context = Readable.from(
    (async function* () {
      yield Buffer.alloc(100_000);
      await hasBegun;
      throw fault;
    })(),
  );
  let isGone = false;
  const answer: Answer = (request, response) => {
    request.once("data", begin);
    response.on("close", () => {
      isGone = true;
    });
  };
  const { result } = await build(answer, { context });
  await expect(result).rejects.toBe(fault);
  await expect.poll(() => isGone).toBe(true);
});

test.each(["while the context is sent", "while the build runs"])(
  "an abort %s ends the request",
  async (when) => {
    const controller = new AbortController();
    const reason = new Error("ctrl-c");
    let isGone = false;
    const answer: Answer = (request, response) => {
      response.on("close", () => {
        isGone = true;
      });
      if (when === "while the context is sent") {
        request.once("data", () => controller.abort(reason));
        return;
      }
      request.resume();
      request.on("end", () => {
        response.write(jsonLines(traceMessage({})));
        setTimeout(() => controller.abort(reason), 20);
      });
    };
    const { result, context } = await build(answer, { signal: controller.signal, context: chunks(1000) });
    await expect(result).rejects.toBe(reason);
    expect(context.destroyed).toBe(true);
    await expect.poll(() => isGone).toBe(true);
  },
);

test("an answer that is not the engine's is an error", async () => {
  const answer: Answer = (request, response) => {
    request.resume();
    response.end("<html>proxy</html>");
  };
  await expect((await build(answer)).result).rejects.toMatchObject({ code: "ENGINE_ERROR" });
});
