import { beforeAll, expect, test } from "vitest";
import { ensureCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

beforeAll(ensureCommand);

/** A builder that asks somebody to sign in, and says something besides, before it answers. */
const config = `const warn = ({ services, reference: image }) => {
  services.emit({ type: "warning", image, code: "SIGN_IN", message: "open https://sign.in/ABCD", waiting: true });
  services.emit({ type: "warning", image, code: "OLD", message: "a new version is there" });
};
export default {
  builders: [() => ({
    interfaceVersion: 1, name: "other", capabilities: { localStore: true },
    probe: async () => ({ available: true, version: "1" }),
    exists: async (request) => { warn(request); return { verdict: "absent" }; },
    build: async ({ reference }) => ({ reference, localId: "1", warnings: [] }),
  })],
};
`;
const image = `name: app\nbuilder: other\nbase_image: debian@sha256:${"0".repeat(64)}\n`;

async function warnings(args: readonly string[]): Promise<readonly (string | undefined)[]> {
  const cwd = temporaryFolder({ "image.yaml": image, "imagespec.config.mjs": config });
  const { stdout, stderr } = await runCommand(args, { cwd });
  expect(stdout).not.toContain("sign.in");
  return [...stderr.matchAll(/warning\[(\w+)\]/g)].map(([, code]) => code);
}

test.each([
  { args: ["exists"], shown: ["SIGN_IN", "OLD"] },
  { args: ["plan"], shown: ["SIGN_IN", "OLD"] },
  { args: ["plan", "--progress", "quiet"], shown: ["SIGN_IN"] },
  { args: ["build"], shown: ["SIGN_IN", "OLD"] },
  { args: ["build", "--progress", "quiet"], shown: ["SIGN_IN"] },
])("what a builder waits for is shown: $args", async ({ args, shown }) => {
  expect(await warnings(args)).toEqual(shown);
});
