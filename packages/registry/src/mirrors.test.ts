import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Issue } from "@imagespec/core";
import { describe, expect, it } from "vitest";
import { privateClient } from "./test-support/private-client.ts";
import { temporaryFolder } from "./test-support/temporary-folder.ts";
import { putImage, type TestRegistry } from "./testing/index.ts";
import { running } from "./testing/test-support/running.ts";

const nowhere = "127.0.0.1:1";

async function withImage(repository: string): Promise<TestRegistry> {
  const { registry } = await running();
  putImage(registry, repository, { tags: ["v1"] });
  return registry;
}

describe("mirrors of the configuration", () => {
  it("are asked first, below their own prefix", async () => {
    const mirror = await withImage("hub/library/alpine");
    const registries = { "docker.io": { mirrors: [`http://${mirror.host}/hub`] } };
    expect(await privateClient({ registries }).exists("alpine:v1")).toMatchObject({
      verdict: "present",
      image: { reference: "docker.io/library/alpine:v1" },
      mirror: mirror.host,
    });
  });

  it("prove nothing by a 404: the registry itself is asked", async () => {
    const mirror = await withImage("other");
    const origin = await withImage("app");
    const registries = { [origin.host]: { mirrors: [mirror.host] } };
    const client = privateClient({ registries });
    expect(await client.exists(`${origin.host}/app:v1`)).toMatchObject({ verdict: "present" });
    expect(mirror.requests.length).toBeGreaterThan(0);
    expect(await client.exists(`${origin.host}/app:v2`)).toMatchObject({ verdict: "absent" });
  });

  it("mirror-miss where the registry itself cannot be reached", async () => {
    const mirror = await withImage("other");
    const client = privateClient({ registries: { [nowhere]: { mirrors: [mirror.host] } } });
    const existence = await client.exists(`${nowhere}/app:v1`);
    expect(existence).toMatchObject({ verdict: "unknown", reason: "mirror-miss" });
    expect(existence.verdict === "unknown" && existence.detail).toContain("refused");
  });

  it("that fail are passed over", async () => {
    const broken = await withImage("app");
    broken.addFault({ fault: { kind: "status", status: 403 } });
    const second = await withImage("app");
    const client = privateClient({
      registries: { [nowhere]: { mirrors: [nowhere, broken.host, second.host] } },
    });
    expect(await client.exists(`${nowhere}/app:v1`)).toMatchObject({ verdict: "present" });
    expect(await client.exists(`${nowhere}/app:v2`)).toMatchObject({
      verdict: "unknown",
      reason: "mirror-miss",
    });
  });

  it("that lack a platform do not speak for the registry", async () => {
    const { registry: mirror } = await running();
    putImage(mirror, "app", { tags: ["v1"], platforms: ["linux/amd64"] });
    const { registry: origin } = await running();
    putImage(origin, "app", { tags: ["v1"], platforms: ["linux/amd64", "linux/arm64"] });
    const client = privateClient({ registries: { [origin.host]: { mirrors: [mirror.host] } } });
    expect(await client.exists(`${origin.host}/app:v1`, { platforms: ["linux/arm64"] })).toMatchObject({
      verdict: "present",
    });
  });

  it("are not asked about public access or a push", async () => {
    const mirror = await withImage("app");
    const origin = await withImage("other");
    const client = privateClient({ registries: { [origin.host]: { mirrors: [mirror.host] } } });
    expect(await client.checkPublic(`${origin.host}/app:v1`)).toMatchObject({
      verdict: "unknown",
      reason: "absent",
    });
    expect(await client.verifyPush(`${origin.host}/app:v1`, {})).toMatchObject({ verdict: "different" });
    expect(mirror.requests).toEqual([]);
  });

  it("a registry that is a cache itself never proves absence", async () => {
    const cache = await withImage("app");
    const client = privateClient({ registries: { [cache.host]: { pullThrough: true } } });
    expect(await client.exists(`${cache.host}/app:v1`)).toMatchObject({ verdict: "present" });
    expect(await client.exists(`${cache.host}/app:v2`)).toMatchObject({
      verdict: "unknown",
      reason: "mirror-miss",
    });
  });

  it("an entry that is no prefix is an error", async () => {
    const client = privateClient({ registries: { "docker.io": { mirrors: ["ghcr.io/a:tag"] } } });
    await expect(client.exists("alpine")).rejects.toMatchObject({ code: "REGISTRY_PREFIX_INVALID" });
  });
});

describe("containers' registries.conf", () => {
  type Asked = Readonly<{ verdict: string; warnings: readonly Issue[] }>;

  async function ask(reference: string, files: Readonly<Record<string, string>>): Promise<Asked> {
    const home = await temporaryFolder();
    const folder = join(home, ".config/containers");
    await mkdir(join(folder, "registries.conf.d"), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const warnings: Issue[] = [];
    const client = privateClient({
      homeDirectory: home,
      registriesConf: true,
      onWarning: (issue) => warnings.push({ ...issue, message: issue.message.replaceAll(home, "HOME") }),
    });
    const existence = await client.exists(reference);
    return { verdict: existence.verdict === "unknown" ? existence.reason : existence.verdict, warnings };
  }

  it.each<[string, string, (host: string) => string]>([
    [
      "by prefix",
      "docker.io/library/alpine:v1",
      (host) =>
        `[[registry]]\nprefix = "docker.io"\n[[registry.mirror]]\nlocation = "${host}"\ninsecure = true`,
    ],
    [
      "by location",
      "docker.io/library/alpine:v1",
      (host) => `[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "${host}"`,
    ],
    [
      "by the longest prefix",
      "docker.io/library/alpine:v1",
      (host) =>
        `[[registry]]\nprefix = "docker.io"\n[[registry.mirror]]\nlocation = "${nowhere}"
      [[registry]]\nprefix = "docker.io/library"\n[[registry.mirror]]\nlocation = "${host}/library"`,
    ],
    [
      "by wildcard",
      "a.registry.invalid/library/alpine:v1",
      (host) => `[[registry]]\nprefix = "*.registry.invalid"\n[[registry.mirror]]\nlocation = "${host}"`,
    ],
    [
      "for tags alone",
      "docker.io/library/alpine:v1",
      (host) =>
        `[[registry]]\nprefix = "docker.io"\n[[registry.mirror]]\nlocation = "${host}"\npull-from-mirror = "tag-only"`,
    ],
  ])("mirrors %s", async (_, reference, text) => {
    const mirror = await withImage("library/alpine");
    expect(await ask(reference, { "registries.conf": text(mirror.host) })).toEqual({
      verdict: "present",
      warnings: [],
    });
  });

  it("mirrors for digests alone are not asked for a tag", async () => {
    const mirror = await withImage("app");
    const text = `[[registry]]\nprefix = "registry.invalid"\nmirror-by-digest-only = true
      [[registry.mirror]]\nlocation = "${mirror.host}"`;
    expect((await ask("registry.invalid/app:v1", { "registries.conf": text })).verdict).toBe("unresolved");
    expect(mirror.requests).toEqual([]);
  });

  it("drop-ins replace entries of the same prefix", async () => {
    const mirror = await withImage("app");
    const entry = (location: string): string =>
      `[[registry]]\nprefix = "registry.invalid"\n[[registry.mirror]]\nlocation = "${location}"`;
    const files = { "registries.conf": entry(nowhere), "registries.conf.d/10.conf": entry(mirror.host) };
    expect((await ask("registry.invalid/app:v1", files)).verdict).toBe("present");
  });

  it("insecure entries, of both versions of the file", async () => {
    const { registry } = await running({ tls: true });
    putImage(registry, "app", { tags: ["v1"] });
    const name = `${registry.host}/app:v1`;
    expect((await ask(name, {})).verdict).toBe("tls");
    const second = `[[registry]]\nlocation = "${registry.host}"\ninsecure = true`;
    expect((await ask(name, { "registries.conf": second })).verdict).toBe("present");
    const first = `[registries.insecure]\nregistries = ["${registry.host}"]`;
    expect((await ask(name, { "registries.conf": first })).verdict).toBe("present");
  });

  it("what is wrong with a file is a warning, with its line", async () => {
    const registry = await withImage("app");
    const { verdict, warnings } = await ask(`${registry.host}/app:v1`, {
      "registries.conf": '[[registry]]\nprefix = "x\n',
      "registries.conf.d/1.conf": '[[registry]]\nprefix = "x"\n[[registry.mirror]]\nlocation = "a b"',
    });
    expect(verdict).toBe("present");
    expect(warnings.map(({ code, message }) => `${code} ${message}`)).toMatchInlineSnapshot(`
      [
        "REGISTRIES_CONF_INVALID HOME/.config/containers/registries.conf:2: not TOML, so its mirrors are not asked",
        "REGISTRIES_CONF_INVALID HOME/.config/containers/registries.conf.d/1.conf: "https://a b" is not a registry prefix: "a b" is not a host",
      ]
    `);
  });
});
