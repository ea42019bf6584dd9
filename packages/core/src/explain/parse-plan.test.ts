import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeTree } from "../../test/make-tree.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { resolvePlan } from "../plan/resolve-plan.ts";
import { comparePlans } from "./compare-plans.ts";
import { explainPlan } from "./explain-plan.ts";
import { parsePlanLabel, parsePlanRecord } from "./parse-plan.ts";
import { recordPlan } from "./plan-record.ts";

function fault(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (ImageSpecError.isInstance(error)) return `${error.code} ${error.message}`;
    throw error;
  }
  return "none";
}

const good = {
  recipe: 1,
  base: { kind: "reference", reference: "docker.io/library/debian:12" },
  platforms: ["linux/amd64"],
  workDirectory: "/root",
  steps: [],
  builderOptions: {},
};
const label = (more: object): string => JSON.stringify({ ...good, ...more });
const tree = (...files: unknown[]): object => ({
  kind: "files",
  origin: "copy",
  trees: [{ target: "/a", files }],
});

describe("a label that somebody else wrote", () => {
  test.each<[string, string]>([
    ["", "PLAN_UNREADABLE this is no plan of imagespec: it is not JSON"],
    ["null", "PLAN_UNREADABLE this is no plan of imagespec: it is no record"],
    ["[]", "PLAN_UNREADABLE this is no plan of imagespec: it is no record"],
    ["{}", "PLAN_UNREADABLE this is no plan of imagespec: base is no record"],
    [label({ steps: {} }), "PLAN_UNREADABLE this is no plan of imagespec: steps is no list"],
    [label({ steps: [1] }), "PLAN_UNREADABLE this is no plan of imagespec: a step is no record"],
    [label({ platforms: [1] }), "PLAN_UNREADABLE this is no plan of imagespec: platform is no text"],
    [
      label({ steps: [tree(["file", "a", true, "x"])] }),
      "PLAN_UNREADABLE this is no plan of imagespec: a file's digest is no sha256",
    ],
    [
      label({ steps: [tree(["device", "a"])] }),
      "PLAN_UNREADABLE this is no plan of imagespec: something in a tree is neither file, folder nor symlink",
    ],
    ['"x"'.padEnd(1024 * 1024 + 1), "PLAN_UNREADABLE this is no plan of imagespec: it has 1048577 bytes"],
    [
      `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
      "PLAN_UNREADABLE this is no plan of imagespec: it nests too deep",
    ],
  ])("%.80s", (text, expected) => expect(fault(() => parsePlanLabel(text))).toBe(expected));

  test("a step of another version is an input like others", () => {
    const plan = parsePlanLabel(label({ steps: [{ kind: "future", secret: 1 }] }));
    expect(comparePlans(parsePlanLabel(label({})), plan)).toEqual([
      { name: "future", change: "added", detail: "added" },
    ]);
  });

  test("logins in it are not told", () => {
    const steps = [{ kind: "commands", commands: ["pip install https://u:planted@x.example/a.whl"] }];
    const told = comparePlans(parsePlanLabel(label({})), parsePlanLabel(label({ steps })));
    const changed = [{ kind: "commands", commands: ["pip install https://u:planted2@x.example/a.whl"] }];
    const other = comparePlans(parsePlanLabel(label({ steps })), parsePlanLabel(label({ steps: changed })));
    expect(JSON.stringify([told, other])).not.toContain("planted");
    expect(other).toEqual([{ name: "commands", change: "changed", detail: "a login in it changed" }]);
  });

  test("__proto__ is a name", () => {
    const text = label({}).replace('"builderOptions":{}', '"builderOptions":{"__proto__":{"a":1}}');
    expect(comparePlans(parsePlanLabel(label({})), parsePlanLabel(text))).toEqual([
      { name: "builderOptions.__proto__.a", change: "added", detail: "added" },
    ]);
  });

  test("whatever it says, it is read or refused", () => {
    const steps = fc.array(
      fc.record({ kind: fc.constantFrom("files", "requirements", "project", "apt", "x") }),
    );
    fc.assert(
      fc.property(fc.json(), steps, fc.jsonValue(), (text, list, value) => {
        expect(fault(() => parsePlanLabel(text))).toMatch(/^(none|PLAN_UNREADABLE)/);
        const mixed = label({ steps: list.map((step) => ({ ...step, trees: value, files: value })) });
        expect(fault(() => parsePlanLabel(mixed))).toMatch(/^(none|PLAN_UNREADABLE)/);
      }),
    );
  });
});

describe("a record", () => {
  test("comes back as it was kept", async () => {
    const files = { "a.txt": { text: "six" } };
    const cwd = makeTree(files as never);
    const plan = await resolvePlan({ copy: ["a.txt"], baseImage: { name: "base" } }, { cwd });
    const record = recordPlan(plan);
    const again = parsePlanRecord(JSON.parse(JSON.stringify(record)));
    expect(comparePlans(record, again)).toEqual([]);
    expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(JSON.stringify(record)));
  });

  test.each<unknown>([null, {}, { plan: good, names: [] }, { plan: good, names: { trees: [{}] } }])(
    "that is damaged is refused: %j",
    (value) => expect(fault(() => parsePlanRecord(value))).toMatch(/^PLAN_UNREADABLE/),
  );
});

describe("explainPlan", () => {
  test("tells each input with its digest", async () => {
    const plan = await resolvePlan(
      { baseImage: `debian@sha256:${"a".repeat(64)}`, env: { A: "1" }, platform: "linux/amd64" },
      { cwd: makeTree() },
    );
    expect(explainPlan(plan)).toMatchInlineSnapshot(`
      [
        {
          "digest": "sha256:f7e4bdb03eefaca0319450705ce053a8f7f396dbd98d8270e843b3025be729d6",
          "key": "recipe",
          "kind": "value",
          "name": "recipe",
          "value": "1",
        },
        {
          "digest": null,
          "key": "baseImage",
          "kind": "base",
          "name": "baseImage",
          "value": "docker.io/library/debian@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        },
        {
          "digest": "sha256:8da11cd2d2d24afc745af605c64c62693686cddaa168ba98048d600712f4b86c",
          "key": "platform",
          "kind": "list",
          "name": "platform",
          "ordered": false,
          "values": [
            "linux/amd64",
          ],
        },
        {
          "digest": "sha256:c593b01b13af31729ba40c1d8eeac7bc44817a95a4c7c9465cae8968471a9010",
          "key": "workDirectory",
          "kind": "value",
          "name": "workDirectory",
          "value": "/root",
        },
        {
          "digest": "sha256:ea4cb38773dbeb62118b1a71f70929c725ecd5aa909651d9c7e8fc3963fbc5f3",
          "key": "env.A",
          "kind": "value",
          "name": "env.A",
          "value": "1",
        },
      ]
    `);
  });
});
