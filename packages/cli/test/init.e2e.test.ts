import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Ended, ensureCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

beforeAll(ensureCommand);

const done = (stdout: string): Ended => ({ code: 0, signal: null, stdout, stderr: "" });

describe("imagespec init", () => {
  it.each([
    [[], "image.ts"],
    [["--yaml"], "image.yaml"],
  ])("%j writes a config and a spec that are used as they are", async (flags, file) => {
    const cwd = temporaryFolder();
    const wrote = done(`My App/imagespec.config.ts\nMy App/${file}\n`);
    expect(await runCommand(["init", "My App", ...flags], { cwd })).toEqual(wrote);
    const folder = path.join(cwd, "My App");
    const tag = await runCommand(["tag"], { cwd: folder });
    expect(tag).toEqual(done(expect.stringMatching(/^my-app:[a-z0-9]{26}\n$/)));
    const dockerfile = await runCommand(["emit", "--format", "dockerfile"], { cwd: folder });
    expect(dockerfile).toMatchObject({ code: 0, stdout: expect.stringContaining("\nFROM ") });
  });

  it("names the files in a document", async () => {
    const { code, stdout } = await runCommand(["init", "--json"], { cwd: temporaryFolder() });
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, files: ["imagespec.config.ts", "image.ts"] });
  });

  it("points editors at the schema that is installed beside it", async () => {
    const cwd = temporaryFolder();
    await runCommand(["init", "--yaml"], { cwd });
    const [line] = readFileSync(path.join(cwd, "image.yaml"), "utf8").split("\n");
    expect(line).toBe("# yaml-language-server: $schema=./node_modules/imagespec/schema/image.schema.json");
  });

  it.each(["image.ts", "imagespec.config.ts"])("leaves everything as it is where %s is", async (file) => {
    const cwd = temporaryFolder({ [file]: "mine" });
    const ended = await runCommand(["init"], { cwd });
    expect(ended).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(`${file} is there already`),
    });
    expect(readFileSync(path.join(cwd, file), "utf8")).toBe("mine");
    const { stdout } = await runCommand(["init", "other"], { cwd });
    expect(stdout).toBe("other/imagespec.config.ts\nother/image.ts\n");
  });

  it("says where it cannot write", async () => {
    const cwd = temporaryFolder({ taken: "a file" });
    const ended = await runCommand(["init", "taken"], { cwd });
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("cannot be written to (EEXIST)"),
    });
  });
});
