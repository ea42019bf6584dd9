import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { comparePlans, type ImageOutcome, type ImageSpec, recordImage, resolveImage } from "@imagespec/core";
import { describe, expect, onTestFinished, test } from "vitest";
import { buildRecordFile, holdsBuild } from "./build-record.ts";
import { readBuildRecord } from "./read-build-record.ts";
import { writeBuildRecord } from "./write-build-record.ts";

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), "imagespec-record-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function outcomeOf(spec: ImageSpec, cwd: string): Promise<ImageOutcome> {
  const { plan, fingerprint, reference } = await resolveImage(spec, { cwd });
  const { platforms } = plan;
  const rest = { name: "app", builder: "docker", warnings: [], durationMs: 1 };
  return { plan, fingerprint, reference, platforms, status: "built", ...rest };
}

const lock = (version: string): string =>
  `version = 1\n[[package]]\nname = "pandas"\nversion = "${version}"\n`;

describe("the note of a build", () => {
  test("comes back, and is known by one look", async () => {
    const cwd = folder();
    const file = path.join(cwd, "cache", "builds", "a.json");
    const outcome = await outcomeOf({ env: { A: "1" } }, cwd);
    expect([readBuildRecord(file), holdsBuild(file, outcome.fingerprint)]).toEqual([undefined, false]);
    await writeBuildRecord(file, { outcome, resolve: async () => undefined });
    expect(holdsBuild(file, outcome.fingerprint)).toBe(true);
    expect(holdsBuild(file, "a".repeat(26))).toBe(false);
    const { reference, fingerprint } = outcome;
    expect(readBuildRecord(file)).toMatchObject({ reference, fingerprint });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  });

  test("holds the packages of a lock, unless its files have changed since", async () => {
    const cwd = folder();
    const file = path.join(cwd, "a.json");
    const spec = { requirements: "uv.lock" };
    writeFileSync(path.join(cwd, "pyproject.toml"), '[project]\nname = "a"\n');
    writeFileSync(path.join(cwd, "uv.lock"), lock("2.2.0"));
    const outcome = await outcomeOf(spec, cwd);
    const resolve = () => resolveImage(spec, { cwd });
    await writeBuildRecord(file, { outcome, resolve });
    writeFileSync(path.join(cwd, "uv.lock"), lock("2.3.3"));
    const now = await recordImage(await resolve());
    const words = (): readonly string[] =>
      comparePlans(readBuildRecord(file)!.record, now).map(({ detail }) => detail);
    expect(words()).toEqual(["pandas 2.2.0 → 2.3.3"]);
    await writeBuildRecord(file, { outcome, resolve });
    expect(words()).toEqual(["content changed"]);
    await writeBuildRecord(file, { outcome, resolve: () => Promise.reject(new Error("gone")) });
    expect(words()).toEqual(["content changed"]);
  });

  test("holds no login that stood in the spec", async () => {
    const cwd = folder();
    const file = path.join(cwd, "a.json");
    const outcome = await outcomeOf({ pipIndex: "https://me:planted@pip.example/simple" }, cwd);
    await writeBuildRecord(file, { outcome, resolve: async () => undefined });
    expect(readFileSync(file, "utf8")).toContain("https://pip.example/simple");
    expect(readFileSync(file, "utf8")).not.toContain("planted");
  });

  test.each(["", "{", "[]", '{"version":2}', '{"version":1,"fingerprint":"a","reference":"b","time":1}'])(
    "that is damaged, or another version's, is none: %j",
    (text) => {
      const file = path.join(folder(), "a.json");
      writeFileSync(file, text);
      expect(readBuildRecord(file)).toBeUndefined();
    },
  );

  test("that may not be read is an error", () => {
    const file = folder();
    expect(() => readBuildRecord(file)).toThrow(expect.objectContaining({ code: "LAST_BUILD_UNREADABLE" }));
  });

  test("has a place by the spec's file and its place there", () => {
    const at = (file: string, key: string, cwd = "/project"): string =>
      buildRecordFile(
        { place: { file, path: key, lineOf: () => undefined } },
        { cwd, environment: { XDG_CACHE_HOME: "/cache" } },
      );
    expect(at("image.yaml", "")).toMatch(/^\/cache\/imagespec\/builds\/[a-z2-7]{26}\.json$/);
    expect(at("../project/image.yaml", "")).toBe(at("image.yaml", ""));
    expect(new Set([at("a.yaml", ""), at("a.yaml", "images.b"), at("a.yaml", "", "/other")]).size).toBe(3);
  });
});
