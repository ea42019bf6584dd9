import { randomUUID } from "node:crypto";
import type { BuildEvent, BuildPlan } from "@imagespec/core";
import { connectEngine, publishImage } from "@imagespec/test-services";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { runBuild } from "../src/engine/run-build.ts";
import { anyPlan, buildRequest } from "./support/build-request.ts";
import { fileEntry, handwritten } from "./support/handwritten.ts";
import { countProcesses, countSockets } from "./support/processes.ts";

const { dockerHost, baseImages, registry } = inject("services");
const client = connectEngine(dockerHost);
const base = baseImages["python-nopip"];
const plan: BuildPlan = { ...anyPlan, base: { kind: "reference", reference: base } };

beforeAll(() => {
  vi.stubEnv("DOCKER_HOST", dockerHost);
});

afterAll(() => {
  vi.unstubAllEnvs();
});

type Parts = Parameters<typeof buildRequest>[0];
type Recipe = Parameters<typeof handwritten>[1];

/** Builds `FROM base` and these lines, into the engine's store. */
function build(lines: readonly string[], parts: Parts = {}, recipe: Recipe = {}) {
  const reference = `imagespec-test/${randomUUID()}:1`;
  const { request, events } = buildRequest({ plan, reference, ...parts });
  return { result: runBuild(request, handwritten([`FROM ${base}`, ...lines], recipe)), events, reference };
}

function linesOf(events: readonly BuildEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === "step-log" ? [event.line] : []));
}

/** RUN of a script, as it is. */
function run(script: string, mounts = ""): string {
  return `RUN ${mounts}${JSON.stringify(["/bin/sh", "-e", "-c", "--", script])}`;
}

function secretMount(id: string): string {
  return `--mount=type=secret,id=${id},target=/run/${id} `;
}

const secretOf = (values: Readonly<Record<string, string>>) => ({
  secret: async (id: string) => Buffer.from(values[id] ?? ""),
});

test("an image is built into the engine's store under its name", async () => {
  const context = [fileEntry("file", "text")];
  const lines = ["COPY file /", run("echo out; echo err >&2"), "LABEL a=b"];
  const { result, events, reference } = build(lines, { context });
  const { localId, digest, ...rest } = await result;
  expect(rest).toMatchObject({ reference, platforms: [{ platform: "linux/amd64" }], warnings: [] });
  expect(digest).toBeUndefined();
  const inspected = await client.getImage(reference).inspect();
  expect(inspected.Id).toBe(localId);
  expect(linesOf(events).toSorted()).toEqual(["err", "out"]);
  expect(events).toContainEqual(expect.objectContaining({ type: "context", done: true }));
});

test("builds that look at one base at once do not disturb each other", async () => {
  const repository = `bases/${randomUUID()}`;
  await publishImage(`http://${registry}`, repository, { tags: ["1"] });
  const looking: BuildPlan = {
    ...plan,
    base: { kind: "reference", reference: `${registry}/${repository}:1` },
  };
  const builds = Array.from({ length: 8 }, (_, index) => build([`LABEL n=${index}`], { plan: looking }));
  const built = await Promise.all(builds.map(({ result }) => result));
  expect(new Set(built.map(({ localId }) => localId)).size).toBe(builds.length);
});

test("a session lives through a long step and lends a secret after it", async () => {
  const secret = randomUUID();
  const { result, events } = build(
    [run(`echo ${randomUUID()}; sleep 7`), run("sha256sum /run/token; ls /run", secretMount("token"))],
    { services: secretOf({ token: secret }) },
    { secrets: ["token"] },
  );
  await result;
  const digest = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(secret))).toString("hex");
  expect(linesOf(events)).toContain(`${digest}  /run/token`);
});

test("a secret is masked in logs and errors, and is in no layer", async () => {
  const password = `pass-${randomUUID()}`;
  const netrc = `machine example.org\nlogin me\npassword ${password}\n`;
  const script = `cat /run/netrc; echo "https://me:${"$"}(sed -n 's/password //p' /run/netrc)@example.org"; exit 3`;
  const { result, events } = build(
    [run(script, secretMount("netrc"))],
    { services: secretOf({ netrc }) },
    { secrets: ["netrc"] },
  );
  const error = await result.catch((fault: unknown) => fault);
  expect(error).toMatchObject({ code: "BUILD_STEP_FAILED", details: { step: { exitCode: 3 } } });
  expect(JSON.stringify([error, (error as Error).message, events])).not.toContain(password);
  expect(linesOf(events)).toContain("https://me:***@example.org");
});

test("a secret that the build does not have is not lent, and one that it misses stops it before it starts", async () => {
  const unknown = secretMount("unknown").replace(" ", ",required=true ");
  await expect(build([run("true", unknown)]).result).rejects.toMatchObject({ code: "BUILD_STEP_FAILED" });
  const missing = build([run("true", unknown)], {}, { secrets: ["unknown"] });
  await expect(missing.result).rejects.toThrow("no secret unknown");
  expect(missing.events.filter((event) => event.type === "step-start" && event.name.includes("RUN"))).toEqual(
    [],
  );
});

test("a failed step is told with its command, exit code and last lines, and leaves no image", async () => {
  const { result, reference } = build([run("for i in $(seq 30); do echo line $i; done\nexit 42")]);
  const error = await result.catch((fault: unknown) => fault);
  expect(error).toMatchObject({
    code: "BUILD_STEP_FAILED",
    details: { image: reference, step: { exitCode: 42, command: expect.stringContaining("exit 42") } },
  });
  const { log } = (error as { details: { step: { log: readonly string[] } } }).details.step;
  expect(log).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 11}`));
  await expect(client.getImage(reference).inspect()).rejects.toMatchObject({ statusCode: 404 });
});

test("the lines of streams that write by turns, and in pieces, come whole", async () => {
  const script = "for i in 1 2 3; do printf 'out '; printf 'err ' >&2; sleep 0.1; echo $i; echo $i >&2; done";
  const { result, events } = build([run(`${script} # ${randomUUID()}`)]);
  await result;
  const lines = linesOf(events).filter((line) => /^(out|err) /.test(line));
  expect(lines.toSorted()).toEqual(["err 1", "err 2", "err 3", "out 1", "out 2", "out 3"]);
});

test("a log that the engine clips says so and goes on", async () => {
  const { result, events } = build([run(`yes ${randomUUID()} | head -c 4000000; echo; echo the end`)]);
  await result;
  expect(linesOf(events).some((line) => line.includes("output clipped"))).toBe(true);
});

test("build arguments keep newlines, quotes and dollars", async () => {
  const value = "two\nlines 'single' \"double\" $HOME `x` \\ é";
  const lines = ["ARG VALUE", 'ENV A="$VALUE"'];
  const { result, reference } = build(lines, {}, { buildArguments: { VALUE: value } });
  await result;
  expect((await client.getImage(reference).inspect()).Config.Env).toContain(`A=${value}`);
});

test("nothing is built again where only times differ, and everything by force", async () => {
  const stamp = randomUUID();
  const lines = ["COPY file /file", run(`echo ${stamp}; cat /proc/sys/kernel/random/uuid > /random`)];
  const parts = { context: [fileEntry("file", stamp)] };
  const first = await build(lines, parts).result;
  expect((await build(lines, parts).result).localId).toBe(first.localId);
  expect((await build(lines, { ...parts, force: true }).result).localId).not.toBe(first.localId);
  const executable = { context: [fileEntry("file", stamp, 0o755)] };
  expect((await build(lines, executable).result).localId).not.toBe(first.localId);
});

test("a base that is not in the store is inspected without a tag or an image left behind", async () => {
  const before = await client.listImages({ all: true });
  const seen: unknown[] = [];
  const nonRoot = baseImages["python-nonroot"];
  const basePlan: BuildPlan = { ...plan, base: { kind: "reference", reference: nonRoot } };
  const { request } = buildRequest({ plan: basePlan, reference: `imagespec-test/${randomUUID()}:1` });
  const emit = handwritten([`FROM ${nonRoot}`]);
  await runBuild(request, (input) => {
    seen.push(input.bases.get(nonRoot));
    return emit();
  });
  expect(seen).toMatchObject([{ user: "app", os: "linux", architecture: "amd64" }]);
  const after = await client.listImages({ all: true });
  expect(after.length - before.length).toBe(1);
  expect(after.flatMap(({ RepoTags }) => RepoTags ?? [])).not.toContain(nonRoot);
});

test("a base that is not there, and a registry that is not", async () => {
  const [host = ""] = base.split("/");
  const gone: BuildPlan = { ...plan, base: { kind: "reference", reference: `${host}/base/gone:1` } };
  await expect(build([], { plan: gone }).result).rejects.toMatchObject({
    code: "BASE_IMAGE_NOT_FOUND",
    details: { field: "baseImage", hint: expect.stringContaining(`docker pull ${host}/base/gone:1`) },
  });
  const nowhere: BuildPlan = { ...plan, base: { kind: "reference", reference: "127.0.0.1:1/base/x:1" } };
  await expect(build([], { plan: nowhere }).result).rejects.toMatchObject({ code: "BASE_IMAGE_UNREACHABLE" });
});

test("an abort while a step runs ends the step", async () => {
  const controller = new AbortController();
  const reason = new Error("ctrl-c");
  const seconds = `${600 + Math.random()}`;
  const sockets = await countSockets();
  const { result } = build([run(`sleep ${seconds}`)], { signal: controller.signal });
  const outcome = result.catch((fault: unknown) => fault);
  await expect.poll(() => countProcesses(`sleep\0${seconds}`), { timeout: 60_000 }).toBeGreaterThan(0);
  controller.abort(reason);
  expect(await outcome).toBe(reason);
  await expect.poll(() => countProcesses(`sleep\0${seconds}`), { timeout: 60_000 }).toBe(0);
  await expect.poll(countSockets).toBeLessThanOrEqual(sockets);
});

test("an abort while a large context is sent ends the upload", async () => {
  const controller = new AbortController();
  const reason = new Error("ctrl-c");
  const chunk = Buffer.alloc(1 << 20);
  const open = async function* () {
    for (let index = 0; index < 4096; index += 1) {
      if (index === 64) controller.abort(reason);
      yield chunk;
    }
  };
  const context = [{ type: "file", path: "large", mode: 0o644, size: 4096 * chunk.length, open } as const];
  const sockets = await countSockets();
  await expect(build(["COPY large /"], { signal: controller.signal, context }).result).rejects.toBe(reason);
  await expect.poll(countSockets).toBeLessThanOrEqual(sockets);
});

test("of a context that was sent before only what changed is sent, whatever its size and time", async () => {
  const named = { ...plan, destination: { name: randomUUID() } };
  const sentFor = async (...texts: readonly string[]) => {
    const files = texts.map((text, index) => fileEntry(`files/${index}`, text));
    const context = [{ type: "directory", path: "files", mode: 0o755 } as const, ...files];
    const lines = ["COPY files/ /files/", run("cat /files/*")];
    const { result, events } = build(lines, { context, plan: named });
    await result;
    const sent = events.findLast((event) => event.type === "context");
    return [linesOf(events).join(""), sent?.bytes];
  };
  expect(await sentFor("aaaa", "unchanged")).toEqual(["aaaaunchanged", 13]);
  expect(await sentFor("bbbb", "unchanged")).toEqual(["bbbbunchanged", 4]);
  expect(await sentFor("aaaa")).toEqual(["aaaa", 4]);
});

test("a context that changes while it is sent fails with its own error", async () => {
  const open = async function* () {
    yield Buffer.alloc(10);
    throw new Error("file has changed");
  };
  const context = [{ type: "file", path: "file", mode: 0o644, size: 20, open } as const];
  await expect(build(["COPY file /"], { context }).result).rejects.toThrow("file has changed");
});
