import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureNode, workspaceDirectory } from "@imagespec/test-services";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packPackages } from "./packed-packages.mjs";
import { publicPackages, workspaceClosure } from "./public-packages.ts";
import { makeReleaseCopy } from "./release-copy.ts";

const run = promisify(execFile);
const packages = await publicPackages();
const scratch = await mkdtemp(join(tmpdir(), "imagespec-packages-"));
afterAll(() => rm(scratch, { recursive: true }));

type Verdict = Readonly<{ failed: boolean; output: string }>;

let tarballs: ReadonlyMap<string, string> = new Map();

/** As they would be published: versions and changelogs are given, what `publishConfig` and `files` say is done. */
beforeAll(async () => {
  const copy = await makeReleaseCopy();
  try {
    tarballs = await packPackages(scratch, { checkout: copy.directory });
  } finally {
    await copy.remove();
  }
});

/** A checker's verdict and what it printed. */
async function inspect(program: string, args: readonly string[], cwd?: string): Promise<Verdict> {
  try {
    const { stdout } = await run(program, args, { cwd });
    return { failed: false, output: stdout };
  } catch (error) {
    return { failed: true, output: String((error as { stdout?: string }).stdout) };
  }
}

const tarballOf = (name: string): string => tarballs.get(name) ?? expect.fail(`${name} was not packed`);

describe.each(packages)("the packed $name", ({ name, entries, commands }) => {
  test("is clean to publint", async () => {
    const tarball = new Uint8Array(await readFile(tarballOf(name)));
    const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test("has types that every ESM resolver finds", async () => {
    const attw = join(workspaceDirectory, "node_modules", ".bin", "attw");
    const args = ["--profile", "esm-only", "--no-definitely-typed", "--format", "ascii", tarballOf(name)];
    const { failed, output } = await inspect(attw, args);
    expect(failed, output).toBe(false);
    // A package without any types is no failure to attw.
    expect(output).toMatch(/node16 \(from ESM\): .*\(ESM\)/);
  });

  test("holds what is meant to be published, and nothing else", async () => {
    const { stdout } = await run("tar", ["-tzf", tarballOf(name)]);
    const paths = stdout.trim().split("\n");
    const documents = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"].map(
      (file) => `package/${file}`,
    );
    expect(paths).toEqual(expect.arrayContaining(documents));
    const code = /^package\/((dist|bin)\/.+|schema\/[\w.-]+\.schema\.json)$/;
    expect(paths.filter((path) => !code.test(path) && !documents.includes(path))).toEqual([]);
  });

  test("says under which licences others' code came into its bundles", async () => {
    const all = ["-xzOf", tarballOf(name), "--wildcards"];
    const { stdout: maps } = await run("tar", [...all, "package/dist/*.map"], { maxBuffer: 64 << 20 });
    const paths = maps.matchAll(/node_modules\/(?!\.pnpm\/)((?:@[^/"]+\/)?[^/"]+)\//g);
    // The command has no maps.
    const bundled = new Set([
      ...[...paths].map(([, found]) => found),
      ...(name === "imagespec" ? ["yaml"] : []),
    ]);
    const pattern = "package/dist/*THIRD_PARTY_NOTICES.txt";
    const { stdout: text } = bundled.size === 0 ? { stdout: "" } : await run("tar", [...all, pattern]);
    for (const found of bundled) expect(text).toMatch(new RegExp(`^${found} \\d`, "m"));
  });

  test("says what it is, under which licence and since when", async () => {
    const unpacked = async (file: string): Promise<string> =>
      (await run("tar", ["-xzOf", tarballOf(name), `package/${file}`])).stdout;
    const manifest = JSON.parse(await unpacked("package.json"));
    expect(manifest).toMatchObject({
      name,
      description: expect.stringMatching(/\.$/),
      license: "Apache-2.0",
      type: "module",
      keywords: expect.arrayContaining(["container", "image"]),
      engines: { node: ">=20.19" },
      files: expect.arrayContaining(["dist", "CHANGELOG.md"]),
      exports: { "./package.json": "./package.json" },
      publishConfig: { access: "public", provenance: true },
    });
    expect(manifest.sideEffects).toSatisfy((value) => value === false || Array.isArray(value));
    expect(JSON.stringify(manifest.exports)).not.toContain("@imagespec/source");
    expect(JSON.stringify(manifest.dependencies ?? {})).not.toContain("workspace:");
    expect(await unpacked("LICENSE")).toBe(await readFile(join(workspaceDirectory, "LICENSE"), "utf8"));
    expect(await unpacked("CHANGELOG.md")).toContain(`# ${name}\n\n## ${manifest.version}\n`);
  });

  describe("installed in an empty project", () => {
    let project = "";

    beforeAll(async () => {
      project = await mkdtemp(join(scratch, "project-"));
      await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
      const needed = workspaceClosure(name, packages).map(tarballOf);
      const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional", "--loglevel=error"];
      await run("npm", ["install", ...flags, ...needed], { cwd: project });
    });

    test.each(["20.19", "22", "24"])("is imported by Node %s", async (release) => {
      const imports = entries.map((entry) => `await import(${JSON.stringify(entry)});`);
      const code = `${imports.join("\n")}\nconsole.log("imported");`;
      const node = await ensureNode(release);
      const { stdout } = await run(node, ["--input-type=module", "--eval", code], { cwd: project });
      expect(stdout).toBe("imported\n");
    });

    test("has declarations that compile", async () => {
      const lines = entries.map(
        (entry, index) => `export * as entry${index} from ${JSON.stringify(entry)};\n`,
      );
      await writeFile(join(project, "consumer.ts"), lines.join(""));
      const types = join(project, "node_modules", "@types");
      await mkdir(types, { recursive: true });
      await rm(join(types, "node"), { recursive: true, force: true });
      await symlink(join(workspaceDirectory, "node_modules", "@types", "node"), join(types, "node"));
      const tsc = join(workspaceDirectory, "node_modules", "typescript", "bin", "tsc");
      const flags = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2023", "--types", "node"];
      const { failed, output } = await inspect(process.execPath, [tsc, ...flags, "consumer.ts"], project);
      expect(failed, output).toBe(false);
    });

    test.each(commands)("runs as %s", async (command) => {
      const { stdout } = await run(join(project, "node_modules", ".bin", command), ["--version"]);
      expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
    });
  });
});
