import { readFileSync } from "node:fs";
import path from "node:path";
import {
  createCertificateAuthority,
  type DockerRegistry,
  publishImage,
  startDockerRegistry,
} from "@imagespec/test-services";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ended, ensureCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const image = "name: app\nregistry: registry.invalid/team\nbase_image: debian:12\n";

let plain: DockerRegistry;
let secure: DockerRegistry;
let digest: string;
let authority: string;

beforeAll(async () => {
  ensureCommand();
  plain = await startDockerRegistry();
  const issuer = await createCertificateAuthority(path.join(plain.directory, "authority"));
  authority = readFileSync(issuer.certificateFile, "utf8");
  const { stdout } = await runCommand(["tag", "-"], { cwd: plain.directory, input: image });
  const tags = [stdout.trim().split(":").at(-1)!];
  digest = await publishImage(plain.url, "team/app", { tags });
  const contents = path.join(plain.directory, "storage");
  secure = await startDockerRegistry({ tls: { authority: issuer }, contents });
});

afterAll(async () => {
  await Promise.all([plain?.stop(), secure?.stop()]);
});

type Question = Readonly<{ registry: string; registries: object }>;

/** The command in a folder below the one that holds the config. */
async function ask(args: readonly string[], { registry, registries }: Question): Promise<Ended> {
  const cwd = temporaryFolder({
    "company.pem": authority,
    "imagespec.config.mjs": `export default { registries: ${JSON.stringify(registries)} };`,
    ".git/HEAD": "",
    "below/image.yaml": image.replace("registry.invalid", registry),
  });
  return runCommand(args, { cwd: path.join(cwd, "below") });
}

const settings: readonly (readonly [string, () => Question])[] = [
  ["an authority", () => ({ registry: secure.host, registries: { [secure.host]: { ca: "company.pem" } } })],
  ["insecure", () => ({ registry: secure.host, registries: { [secure.host]: { insecure: true } } })],
  [
    "a mirror",
    () => ({
      registry: "registry.invalid",
      registries: { "registry.invalid": { mirrors: [plain.host] } },
    }),
  ],
];

describe.each(settings)("registries of the config: %s", (name, question) => {
  test("reach exists", async () => {
    const reference = `${question().registry}/team/app@${digest}`;
    const known = { code: 0, stdout: `present ${digest}\n` };
    expect(await ask(["exists"], question())).toMatchObject(known);
    expect(await ask(["exists", reference], question())).toMatchObject(known);
  });

  test("reach plan", async () => {
    const ended = await ask(["plan", "--exit-code", "--json"], question());
    expect(ended).toMatchObject({ code: 0 });
    expect(JSON.parse(ended.stdout)).toMatchObject({ images: [{ action: "present" }] });
  });

  test("reach build", async () => {
    const ended = await ask(["build"], question());
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(`@${digest}\n$`) });
  });

  test("reach check-public, which asks no mirror", async () => {
    const expected =
      name === "a mirror" ? { code: 3, stdout: "unknown\n" } : { code: 0, stdout: "public\n", stderr: "" };
    expect(await ask(["check-public"], question())).toMatchObject(expected);
  });

  test("change no tag", async () => {
    const bare = await ask(["tag"], { ...question(), registries: {} });
    expect(await ask(["tag"], question())).toEqual(bare);
  });
});

test("without them the registry is not trusted", async () => {
  const ended = await ask(["exists"], { registry: secure.host, registries: {} });
  expect(ended).toMatchObject({ code: 3, stdout: "unknown tls\n" });
});

test.each([
  [
    { "registry.invalid": { insecur: true } },
    'error[CONFIG_UNKNOWN_FIELD] ../imagespec.config.mjs:1 registries.registry.invalid.insecur: unknown field "insecur"\n  hint: did you mean insecure?\n',
  ],
  [
    { "registry.invalid": { mirrors: "other" } },
    "error[CONFIG_INVALID] ../imagespec.config.mjs:1 registries.registry.invalid.mirrors: expected a list of registries\n  hint: export default defineConfig({ … }) lets the editor check it\n",
  ],
  [
    { "https://registry.invalid": {} },
    'error[CONFIG_INVALID] ../imagespec.config.mjs registries.https://registry.invalid: "https://registry.invalid" is not a registry\'s host\n  hint: write a host, with its port where it has one: registry.example.com:5000\n',
  ],
])("%j is refused", async (registries, stderr) => {
  expect(await ask(["tag"], { registry: "registry.invalid", registries })).toMatchObject({ code: 2, stderr });
});
