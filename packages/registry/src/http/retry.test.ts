import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultLimits } from "../limits.ts";
import { RegistryFault } from "../registry-fault.ts";
import type { HttpResponse } from "../transport/transport.ts";
import { retryAfter, withRetries } from "./retry.ts";

const limits = { ...defaultLimits, backoff: 0 };

function answer(status: number, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  const header = (name: string): readonly string[] => (headers[name] === undefined ? [] : [headers[name]]);
  return { status, header, body: new Uint8Array(), truncated: false };
}

/** The status in the end and how often it was tried. */
async function play(
  ...script: readonly (HttpResponse | Error)[]
): Promise<readonly [number | string, number]> {
  let count = 0;
  const attempt = async (): Promise<HttpResponse> => {
    const next = script[Math.min(count, script.length - 1)];
    count += 1;
    if (next instanceof Error) throw next;
    return next ?? answer(500);
  };
  const outcome = await withRetries(attempt, { limits, tries: 3, signal: undefined }).then(
    ({ status }) => status,
    (error: RegistryFault) => error.reason,
  );
  return [outcome, count];
}

const lost = new RegistryFault("connection-lost", { detail: "", transient: true });
const stale = Object.assign(new RegistryFault("connection-lost", { detail: "", transient: true }), {
  stale: true,
});

describe("tries", () => {
  it.each<[string, readonly (HttpResponse | Error)[], readonly [number | string, number]]>([
    ["none for an answer", [answer(404)], [404, 1]],
    ["three for a server's fault", [answer(503)], [503, 3]],
    ["until it is over", [answer(500), answer(200)], [200, 2]],
    ["three for a lost connection", [lost], ["connection-lost", 3]],
    ["one for what will not pass", [new RegistryFault("tls", { detail: "" })], ["tls", 1]],
    ["one for another error", [Object.assign(new Error("x"), { reason: "bug" })], ["bug", 1]],
    ["as long as Retry-After says", [answer(429, { "retry-after": "0" }), answer(200)], [200, 2]],
    ["none where Retry-After is too long", [answer(429, { "retry-after": "61" }), answer(200)], [429, 1]],
    [
      "none counted for connections that were closed meanwhile",
      [stale, stale, stale, stale, answer(200)],
      [200, 5],
    ],
    ["not for ever for those either", [stale], ["connection-lost", 11]],
  ])("%s", async (_, script, expected) => {
    expect(await play(...script)).toEqual(expected);
  });

  it("a wait ends on abort, with the signal's reason", async () => {
    const controller = new AbortController();
    const attempt = async (): Promise<HttpResponse> => {
      setImmediate(() => controller.abort(new Error("enough")));
      return answer(429, { "retry-after": "50" });
    };
    const asked = withRetries(attempt, { limits, tries: 3, signal: controller.signal });
    await expect(asked).rejects.toThrow("enough");
  });
});

describe("Retry-After", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  it.each<[string | undefined, number | undefined]>([
    ["120", 120_000],
    [" 5 ", 5_000],
    ["0", 0],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["Wed, 31 Dec 2025 23:59:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%s", (value, expected) => {
    expect(retryAfter(value, now)).toBe(expected);
  });

  it("no text gives a negative or infinite wait", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const wait = retryAfter(text, now);
        expect(wait === undefined || (wait >= 0 && Number.isFinite(wait))).toBe(true);
      }),
    );
  });
});
