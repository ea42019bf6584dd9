import { publishImage } from "@imagespec/test-services";
import { beforeAll, expect, inject, test } from "vitest";
import { documents } from "../src/schemas/document-schemas.ts";
import { ensureCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const { dockerHost, registry } = inject("services");
const base = `${registry}/documents/base:1`;

beforeAll(async () => {
  ensureCommand();
  await publishImage(`http://${registry}`, "documents/base", { tags: ["1"] });
});

const files = {
  "app.py": "",
  "image.yaml": `name: app
registry: ${registry}/documents
platform: linux/amd64
base_image: ${base}
copy: [app.py]
`,
};

/** What each command is called with; `build` and the errors of all have tests of their own. */
const calls: Readonly<Record<string, readonly string[]>> = {
  builders: [],
  "check-public": [base],
  doctor: [],
  emit: ["--format", "dockerfile"],
  exists: ["image.yaml", base],
  explain: [],
  init: ["new"],
  lock: [],
  plan: [],
  tag: [],
};

/** `runCommand` itself holds what is printed against the schema. */
test.each(Object.entries(calls))("%s --json prints what its schema says", async (command, args) => {
  const cwd = temporaryFolder(files);
  const ended = await runCommand([command, ...args, "--json"], {
    cwd,
    environment: { DOCKER_HOST: dockerHost },
  });
  expect(JSON.parse(ended.stdout)).not.toHaveProperty("error");
  const failed = await runCommand([command, "--nonsense", "--json"], { cwd });
  expect(failed).toMatchObject({ code: 2, stdout: expect.stringContaining('"USAGE"') });
});

test("no command's document is left out", () => {
  expect(Object.keys(documents).sort()).toEqual([...Object.keys(calls), "build", "error", "event"].sort());
});
