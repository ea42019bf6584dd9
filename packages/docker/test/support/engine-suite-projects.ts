import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ImageSpec } from "@imagespec/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type CompanyNetwork, openCompanyNetwork } from "./company-network.ts";
import type { EngineUnderTest } from "./engine-under-test.ts";
import { watchCommands } from "./processes.ts";
import { baseImages, buildSpecs, countIn } from "./suite-builds.ts";
import { useEngine } from "./use-engine.ts";

const examples = fileURLToPath(new URL("../../../../examples", import.meta.url));
const names = ["forecast", "units", "company_metrics", "fast_math", "check_style"];
const look = `
import importlib.util as find
print(*(name for name in ${JSON.stringify(names)} if find.find_spec(name)))
import forecast; print(forecast.report())
`;
/** The workspace's member and the path's package are installed in full; developers' tools are not, nor is what is for arm64. */
const found = "forecast units company_metrics\nmetrics: 68 °F";
const foundOnArm64 = found.replace("\n", " fast_math\n");

/** Projects that a tool has locked, one of them on arm64, or none and mirrors. */
type Kind = "uv" | "uv-arm64" | "poetry" | "mirrors";

/** Projects of `examples` in a company's network, on the engine's own base where it has one. */
export function testEngineProjects(
  start: () => Promise<EngineUnderTest & Readonly<{ base?: string }>>,
  kinds: readonly Kind[],
): void {
  const current = useEngine(start);
  let network: CompanyNetwork;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "imagespec-company-"));
    network = await openCompanyNetwork(folder, current().hostAddress);
  });

  afterAll(async () => {
    await network?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    for (const [name, value] of Object.entries(network.environment)) vi.stubEnv(name, value);
  });

  /** A copy of an example, whose files are changed on the way. */
  async function copyExample(name: string, change = (text: string) => text): Promise<string> {
    const copy = await mkdtemp(join(folder, "project-"));
    await cp(join(examples, name), copy, { recursive: true });
    for (const file of ["pyproject.toml", name === "uv-workspace" ? "uv.lock" : "poetry.lock"]) {
      await writeFile(join(copy, file), change(await readFile(join(copy, file), "utf8")));
    }
    await writeFile(join(copy, "netrc"), network.netrc);
    return copy;
  }

  const specOf = (parts: Partial<ImageSpec>): ImageSpec => ({
    name: "project",
    baseImage: baseImages["python-system"],
    builderOptions: { docker: { caCertificates: network.caCertificates } },
    ...parts,
  });

  const lent: Partial<ImageSpec> = { pipSecretMounts: [["netrc", "/root/.netrc"]] };

  async function failureOf(cwd: string, specs: readonly ImageSpec[]): Promise<unknown> {
    return buildSpecs(cwd, specs).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  async function expectNowhere(reference: string, told: unknown): Promise<void> {
    const { username, password } = network.login;
    const basic = Buffer.from(`${username}:${password}`).toString("base64");
    const config = await current().inspect(reference);
    for (const secret of [password, basic]) {
      expect(JSON.stringify([told, config, reference])).not.toContain(secret);
      expect(await countIn(current().folder, secret)).toBe(0);
    }
    expect(await countIn(current().folder, network.mark)).toBe(0);
  }

  describe.runIf(kinds.includes("uv"))("a uv workspace with a company's index", () => {
    const parts = { requirements: "uv.lock", installProject: true };

    test("is installed with a login that stands in a URL and then nowhere", async () => {
      const { username, password } = network.login;
      const withLogin = (text: string) =>
        text.replace('url = "https://packages.', `url = "https://${username}:${password}@packages.`);
      const cwd = await copyExample("uv-workspace", (text) =>
        text.startsWith("[project]") ? withLogin(text) : text,
      );
      const watched = watchCommands();
      const { outcomes, events } = await buildSpecs(cwd, [specOf(parts)]);
      expect((await watched.stop()).filter((line) => line.includes(password))).toEqual([]);
      const { reference } = outcomes[0]!;
      expect((await current().run(reference, ["python3", "-c", look])).trim()).toBe(found);
      expect(network.asked).toContain("packages.example.com/files/company_metrics-1.0-py3-none-any.whl");
      await expectNowhere(reference, [outcomes, events]);
    });

    test("is refused where its lock is stale", async () => {
      const cwd = await copyExample("uv-workspace", (text) => text.replace('"company-metrics==1.0",', ""));
      const error = await failureOf(cwd, [specOf({ ...parts, ...lent })]);
      expect(error, JSON.stringify(error)).toMatchObject({
        code: "SPEC_STALE_LOCK",
        details: { field: "requirements", hint: expect.stringContaining("uv lock") },
      });
    });

    test("is refused where a package is for another platform alone", async () => {
      const cwd = await copyExample("uv-workspace", (text) =>
        text
          .replaceAll("; platform_machine == 'aarch64'", "")
          .replaceAll(/marker = "platform_machine[^"]*", |, marker = "platform_machine[^"]*"/g, ""),
      );
      const error = await failureOf(cwd, [specOf({ ...parts, ...lent })]);
      expect(error, JSON.stringify(error)).toMatchObject({
        code: "BUILD_PACKAGE_PLATFORM",
        details: { step: { log: expect.arrayContaining([expect.stringContaining("aarch64")]) } },
      });
    });
  });

  test.runIf(kinds.includes("uv-arm64"))("a wheel for arm64 alone is installed there", async () => {
    const cwd = await copyExample("uv-workspace");
    const parts = { requirements: "uv.lock", installProject: true, platform: "linux/arm64", ...lent };
    const { outcomes } = await buildSpecs(cwd, [specOf({ ...parts, baseImage: current().base ?? "" })]);
    const command = ["python3", "-c", `${look}import platform; print(platform.machine())`];
    const said = await current().run(outcomes[0]!.reference, command);
    expect(said.trim()).toBe(`${foundOnArm64}\naarch64`);
  });

  test.runIf(kinds.includes("mirrors"))(
    "packages come from mirrors, and the image keeps what the build trusts where it is to",
    async () => {
      const cwd = await mkdtemp(join(folder, "mirrors-"));
      await writeFile(join(cwd, "netrc"), network.netrc);
      const [, address = "", host = ""] = /\s((?:http:\/\/)([^/\s]+))/.exec(await sourcesOfBase()) ?? [];
      const docker = {
        caCertificates: network.caCertificates,
        keepCaCertificates: true,
        aptMirrors: { [address]: `https://mirror.example.com/${host}` },
        pipMirror: "https://packages.example.com/simple",
      };
      const parts = {
        aptPackages: ["tree"],
        packages: ["company-metrics"],
        ...lent,
        builderOptions: { docker },
      };
      const before = network.asked.length;
      const { outcomes } = await buildSpecs(cwd, [specOf(parts)]);
      const asked = network.asked.slice(before).join("\n");
      expect(asked).toMatch(/^mirror\.example\.com\/.*\/tree_\S+\.deb$/m);
      expect(asked).toContain("packages.example.com/files/company_metrics-1.0-py3-none-any.whl");
      const { reference } = outcomes[0]!;
      const script =
        "tree --version; tail -n 1 $SSL_CERT_FILE; cat /etc/apt/sources.list /etc/apt/sources.list.d/*";
      const said = await current().run(reference, ["sh", "-c", `${script} 2>/dev/null || true`]);
      expect(said).toContain("tree v");
      expect(said).toContain(network.mark);
      expect(said).not.toContain("mirror.example.com");
    },
  );

  async function sourcesOfBase(): Promise<string> {
    const script = "cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true";
    const { outcomes } = await buildSpecs(folder, [{ name: "base", baseImage: baseImages["python-system"] }]);
    return current().run(outcomes[0]!.reference, ["sh", "-c", script]);
  }

  describe.runIf(kinds.includes("poetry"))("a poetry project with a company's index", () => {
    const parts = { requirements: "poetry.lock", installProject: true, ...lent };

    test("is installed with a login that is lent", async () => {
      const cwd = await copyExample("poetry-project");
      const { outcomes, events } = await buildSpecs(cwd, [specOf(parts)]);
      const { reference } = outcomes[0]!;
      expect((await current().run(reference, ["python3", "-c", look])).trim()).toBe(found);
      await expectNowhere(reference, [outcomes, events]);
    });

    test("is refused where its lock is stale", async () => {
      const cwd = await copyExample("poetry-project", (text) =>
        text.startsWith("[project]") ? text.replace('"company-metrics==1.0", ', "") : text,
      );
      const error = await failureOf(cwd, [specOf(parts)]);
      expect(error, JSON.stringify(error)).toMatchObject({
        code: "SPEC_STALE_LOCK",
        details: { field: "requirements", hint: expect.stringContaining("poetry lock") },
      });
    });
  });
}
