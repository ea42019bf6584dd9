import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Challenge, chooseChallenge, parseChallenges } from "./parse-challenge.ts";

function read(...headers: string[]): unknown[] {
  return parseChallenges(headers).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

describe("challenges", () => {
  it.each<[string, string[], unknown]>([
    [
      "as GHCR sends it",
      ['Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull"'],
      [["bearer", { realm: "https://ghcr.io/token", service: "ghcr.io", scope: "repository:a/b:pull" }]],
    ],
    [
      "several headers",
      ['Basic realm="a"', 'Bearer realm="b"'],
      [
        ["basic", { realm: "a" }],
        ["bearer", { realm: "b" }],
      ],
    ],
    [
      "several in one header",
      ['Basic realm="a", Bearer realm="b",service="c"'],
      [
        ["basic", { realm: "a" }],
        ["bearer", { realm: "b", service: "c" }],
      ],
    ],
    [
      "commas and escapes inside quotes",
      ['Bearer realm="a,b\\"c\\\\d",service="x"'],
      [["bearer", { realm: 'a,b"c\\d', service: "x" }]],
    ],
    ["any case", ['BEARER Realm="a",SERVICE="b"'], [["bearer", { realm: "a", service: "b" }]]],
    [
      "bare values",
      ["Bearer realm=https://a.example/token?x=1&y=2,service=a.example"],
      [["bearer", { realm: "https://a.example/token?x=1&y=2", service: "a.example" }]],
    ],
    [
      "blanks around commas and equals signs",
      ['Bearer  realm = "a" , service="b" ,, scope = c'],
      [["bearer", { realm: "a", service: "b", scope: "c" }]],
    ],
    [
      "Negotiate beside others",
      ['Negotiate, Basic realm="x"'],
      [
        ["negotiate", {}],
        ["basic", { realm: "x" }],
      ],
    ],
    [
      "Negotiate with its data",
      ['Negotiate YII==, Bearer realm="x"'],
      [
        ["negotiate", { yii: "=" }],
        ["bearer", { realm: "x" }],
      ],
    ],
    ["a quote that is never closed", ['Bearer realm="a'], [["bearer", { realm: "a" }]]],
    ["the first of two values", ['Bearer realm="a",realm="b"'], [["bearer", { realm: "a" }]]],
    ["a scheme without parameters", ["Basic"], [["basic", {}]]],
    ["parameters without a scheme", ['realm="a"'], []],
    ["nothing", [""], []],
    ["punctuation alone", [',="",="'], []],
  ])("%s", (_, headers, expected) => {
    expect(read(...headers)).toEqual(expected);
  });

  it("every text gives challenges, and quoted values come back as they were", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", maxLength: 60 }), { maxLength: 3 }), (headers) => {
        for (const { scheme, parameters } of parseChallenges(headers)) {
          expect(scheme).not.toMatch(/[\s,="]/);
          for (const name of parameters.keys()) expect(name).not.toBe("");
        }
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.string(), fc.string(), (realm, service) => {
        const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
        expect(read(`Basic realm="x", Bearer realm=${quote(realm)} , service=${quote(service)}`)[1]).toEqual([
          "bearer",
          { realm, service },
        ]);
      }),
      { numRuns: 2000 },
    );
  });

  it("Bearer before Basic, and neither Negotiate nor a Bearer without a realm", () => {
    const chosen = (...headers: string[]): Challenge | undefined => chooseChallenge(parseChallenges(headers));
    expect(chosen('Basic realm="a"', 'Bearer realm="b"')?.scheme).toBe("bearer");
    expect(chosen('Basic realm="https://sts.example/"', "Negotiate")?.scheme).toBe("basic");
    expect(chosen('Bearer service="b"', "Basic")?.scheme).toBe("basic");
    expect(chosen("Negotiate")).toBeUndefined();
  });
});
