import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Credential, Issue } from "@imagespec/core";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import type { Environment } from "../transport/proxy-settings.ts";
import { CredentialStore, type FoundCredential, type Wanted } from "./credential-store.ts";

const auth = (user: string): object => ({ auth: Buffer.from(`${user}:pw`).toString("base64") });

type Scene = Readonly<{
  files?: Readonly<Record<string, unknown>>;
  environment?: Environment;
  helpers?: Readonly<Record<string, string>>;
  wanted?: Partial<Wanted>;
  explicit?: (wanted: Wanted) => Promise<Credential | undefined>;
  helperLimit?: number;
}>;

type Found = FoundCredential & Readonly<{ warnings: readonly Issue[]; folder: string }>;

/** `HOME` in paths and variables stands for a folder of the test's own; helpers are shell scripts on its PATH. */
async function find(scene: Scene): Promise<Found> {
  const home = await temporaryFolder();
  const bin = join(home, "bin");
  for (const [path, content] of Object.entries(scene.files ?? {})) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  await mkdir(bin, { recursive: true });
  for (const [name, script] of Object.entries(scene.helpers ?? {})) {
    await writeFile(join(bin, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, `docker-credential-${name}`), 0o755);
  }
  const variables = Object.entries(scene.environment ?? {}).map(([name, value]) => [
    name,
    value?.replaceAll("HOME", home),
  ]);
  const warnings: Issue[] = [];
  const store = new CredentialStore({
    environment: {
      PATH: `${bin}:/usr/bin:/bin`,
      XDG_RUNTIME_DIR: join(home, "run"),
      ...Object.fromEntries(variables),
    },
    home,
    helperLimit: scene.helperLimit ?? 5000,
    explicit: scene.explicit,
    warn: (issue) => warnings.push(issue),
  });
  const { registryConfig, ...wanted } = scene.wanted ?? {};
  const config = registryConfig === undefined ? {} : { registryConfig: join(home, registryConfig) };
  const found = await store.find({
    host: "ghcr.io",
    repository: "org/app",
    signal: undefined,
    ...wanted,
    ...config,
  });
  return { ...found, warnings, folder: home };
}

async function userOf(scene: Scene): Promise<string | undefined> {
  const { credential, folder } = await find(scene);
  if (credential === undefined) return undefined;
  const who = credential.kind === "basic" ? credential.username : `${credential.kind} ${credential.token}`;
  return `${who} from ${credential.source.replace(folder, "HOME")}`;
}

const everywhere: Scene = {
  explicit: async () => ({ kind: "basic", username: "explicit", password: "pw", source: "caller" }),
  files: {
    "spec.json": { auths: { "ghcr.io": auth("spec") } },
    "only.json": { auths: { "ghcr.io": auth("only") } },
    ".docker/config.json": { auths: { "ghcr.io": auth("docker") } },
    "run/containers/auth.json": { auths: { "ghcr.io": auth("runtime") } },
    ".config/containers/auth.json": { auths: { "ghcr.io": auth("user") } },
    ".dockercfg": { "ghcr.io": auth("legacy") },
  },
  environment: {
    DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { "ghcr.io": auth("inline") } }),
    GITHUB_TOKEN: "token",
  },
  wanted: { registryConfig: "spec.json" },
};

describe("the first source that has one", () => {
  const { explicit: _, ...scene } = everywhere;
  const files = { ...everywhere.files };
  const without = (...paths: string[]): Record<string, unknown> =>
    Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));
  const tokens = { GITHUB_TOKEN: "token", GITHUB_ACTOR: "octocat" };

  it.each<[string, Scene]>([
    ["explicit from caller", everywhere],
    ["spec from HOME/spec.json", scene],
    ["inline from DOCKER_AUTH_CONFIG", { ...scene, wanted: {} }],
    ["only from HOME/only.json", { files, environment: { REGISTRY_AUTH_FILE: "HOME/only.json" } }],
    ["docker from HOME/.docker/config.json", { files, environment: tokens }],
    [
      "elsewhere from HOME/elsewhere/config.json",
      {
        files: { ...files, "elsewhere/config.json": { auths: { "ghcr.io": auth("elsewhere") } } },
        environment: { DOCKER_CONFIG: "HOME/elsewhere" },
      },
    ],
    ["runtime from HOME/run/containers/auth.json", { files: without(".docker/config.json") }],
    [
      "user from HOME/.config/containers/auth.json",
      { files: without(".docker/config.json", "run/containers/auth.json") },
    ],
    ["legacy from HOME/.dockercfg", { files: { ".dockercfg": files[".dockercfg"] } }],
    ["octocat from GITHUB_TOKEN", { environment: tokens }],
  ])("%s", async (expected, played) => {
    expect(await userOf(played)).toBe(expected);
  });

  it("DOCKER_AUTH_CONFIG falls through host by host, REGISTRY_AUTH_FILE does not", async () => {
    const other = { auths: { "quay.io": auth("other") } };
    expect(await userOf({ files, environment: { DOCKER_AUTH_CONFIG: JSON.stringify(other) } })).toMatch(
      /^docker /,
    );
    const only = { ...files, "only.json": other };
    expect(
      await userOf({ files: only, environment: { REGISTRY_AUTH_FILE: "HOME/only.json" } }),
    ).toBeUndefined();
  });

  it("tokens of CI systems are for their own host alone", async () => {
    const environment = {
      GITHUB_TOKEN: "token",
      CI_REGISTRY: "registry.gitlab.example",
      CI_REGISTRY_USER: "gitlab-ci-token",
      CI_REGISTRY_PASSWORD: "pw",
    };
    const ask = (host: string): Promise<string | undefined> => userOf({ environment, wanted: { host } });
    expect(await ask("ghcr.io")).toBe("x-access-token from GITHUB_TOKEN");
    expect(await ask("registry.gitlab.example")).toBe("gitlab-ci-token from CI_REGISTRY_PASSWORD");
    for (const host of ["docker.io", "containers.ghcr.io", "ghcr.io:8443", "registry.gitlab.example:5050"])
      expect(await ask(host)).toBeUndefined();
  });
});

describe("within a file", () => {
  const print = (user: string): string =>
    `cat >/dev/null; echo '{"ServerURL":"x","Username":"${user}","Secret":"s"}'`;
  const nothing = `cat >/dev/null; echo "credentials not found in native keychain"; exit 1`;
  const config = (fields: object): NonNullable<Scene["files"]> => ({
    ".docker/config.json": { auths: { "ghcr.io": auth("file") }, ...fields },
  });

  it.each<[string, string, Scene]>([
    [
      "a helper for the host",
      "mine from docker-credential-a",
      {
        files: config({ credHelpers: { "ghcr.io": "a" }, credsStore: "b" }),
        helpers: { a: print("mine"), b: print("store") },
      },
    ],
    [
      "the store",
      "store from docker-credential-b",
      {
        files: config({ credHelpers: { "quay.io": "a" }, credsStore: "b" }),
        helpers: { a: print("mine"), b: print("store") },
      },
    ],
    [
      "the file, where the helper has nothing",
      "file from HOME/.docker/config.json",
      { files: config({ credsStore: "b" }), helpers: { b: nothing } },
    ],
    [
      "the file, where the helper's name is empty",
      "file from HOME/.docker/config.json",
      { files: config({ credHelpers: { "ghcr.io": "" }, credsStore: "b" }), helpers: { b: print("store") } },
    ],
    [
      "the file, by podman's name for it",
      "file from HOME/.docker/config.json",
      { files: config({ credHelpers: { "ghcr.io": "containers-auth.json" } }) },
    ],
    [
      "an identity token",
      "identityToken s from docker-credential-b",
      { files: config({ credsStore: "b" }), helpers: { b: print("<token>") } },
    ],
  ])("%s", async (_, expected, scene) => {
    expect(await userOf(scene)).toBe(expected);
  });

  it.each([
    ["docker.io", "https://index.docker.io/v1/"],
    ["ghcr.io", "ghcr.io"],
    ["localhost:5000", "localhost:5000"],
  ])("the helper is asked for %s as %s, by `get`", async (host, url) => {
    const echo = `read -r url; echo "{\\"Username\\":\\"$1 $url\\",\\"Secret\\":\\"s\\"}"`;
    const scene = {
      files: { ".docker/config.json": { credsStore: "b" } },
      helpers: { b: echo },
      wanted: { host },
    };
    expect(await userOf(scene)).toBe(`get ${url} from docker-credential-b`);
  });

  it("a helper that is not there is a warning, and the file is asked", async () => {
    const { credential, warnings } = await find({ files: config({ credsStore: "missing" }) });
    expect(credential).toMatchObject({ username: "file" });
    expect(warnings).toMatchInlineSnapshot(`
      [
        {
          "code": "REGISTRY_CREDENTIAL_HELPER_MISSING",
          "hint": "install it, or take "missing" out of credsStore or credHelpers",
          "message": "docker-credential-missing is not on PATH",
          "severity": "warning",
        },
      ]
    `);
  });

  it.each<[string, string, RegExp]>([
    ["another message", "cat >/dev/null; echo 'the keychain is broken'; exit 1", /the keychain is broken/],
    ["no JSON", "cat >/dev/null; echo hunter2", /not JSON/],
    ["JSON without a secret", "cat >/dev/null; echo '{}'", /lacks/],
    ["no end", "yes hunter2", /no end/],
    ["no reading", "exit 3", /3/],
  ])("a helper that fails with %s is a fault, not `anonymous`", async (_, script, message) => {
    const { credential, fault, warnings } = await find({
      files: { ".docker/config.json": { credsStore: "b" } },
      helpers: { b: script },
    });
    expect(credential).toBeUndefined();
    expect(fault).toMatchObject({
      reason: "credential-helper-failed",
      message: expect.stringMatching(message),
    });
    expect(JSON.stringify([fault?.message, warnings])).not.toContain("hunter2");
  });

  it("a helper that waits for somebody is not waited for", async () => {
    const scene = {
      files: { ".docker/config.json": { credsStore: "b" } },
      helpers: { b: "exec sleep 60" },
      helperLimit: 50,
    };
    await expect(find(scene)).rejects.toMatchObject({ reason: "credential-helper-timeout" });
  });

  it.each(["../evil", "a/b", "a b", "a;touch x", "", "."])(
    "a helper's name %j runs nothing outside of PATH",
    async (name) => {
      const { credential, fault } = await find({
        files: { ".docker/config.json": { credHelpers: { "ghcr.io": name } } },
      });
      expect(credential).toBeUndefined();
      if (name !== "") expect(fault?.reason).toMatch(/^credential-helper-(failed|missing)$/);
    },
  );
});

describe("files that cannot be read", () => {
  it.each<[string, NonNullable<Scene["files"]>]>([
    ["truncated", { ".docker/config.json": '{"auths":{"ghcr.io":{"au' }],
    ["empty", { ".docker/config.json": "" }],
    ["a list", { ".docker/config.json": "[]" }],
    ["a directory", { ".docker/config.json/x": "" }],
  ])("%s: a warning, and the next source is asked", async (_, files) => {
    const later = { ".config/containers/auth.json": { auths: { "ghcr.io": auth("later") } } };
    const { credential, warnings } = await find({ files: { ...files, ...later } });
    expect(credential).toMatchObject({ username: "later" });
    expect(warnings.map(({ code }) => code)).toEqual(["REGISTRY_CREDENTIALS_UNREADABLE"]);
  });

  it("a symbolic link to itself", async () => {
    const home = await temporaryFolder();
    await symlink(join(home, "config.json"), join(home, "config.json"));
    expect((await find({ environment: { DOCKER_CONFIG: home } })).fault?.message).toContain("ELOOP");
  });

  it("what a variable or a spec names has to be there", async () => {
    expect((await find({ environment: { REGISTRY_AUTH_FILE: "/nowhere/auth.json" } })).warnings).toHaveLength(
      1,
    );
    expect((await find({ wanted: { registryConfig: "nowhere.json" } })).fault?.reason).toBe(
      "credentials-unreadable",
    );
    expect((await find({ environment: { DOCKER_AUTH_CONFIG: "{" } })).fault?.reason).toBe(
      "credentials-unreadable",
    );
    expect((await find({})).warnings).toEqual([]);
  });
});
