import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Credential, loginServer } from "@imagespec/core";

/** A private folder of files that a tool is lent, and of those that it writes. */
export type ToolFiles = Readonly<{
  folder: string;
  /** The path of a file that a tool writes. */
  path(name: string): string;
  /** What it wrote, without blanks around it; undefined where it wrote nothing. */
  read(name: string): Promise<string | undefined>;
  remove(): Promise<void>;
}>;

/** What the name of such a folder begins with. */
export const TOOL_FOLDER = "imagespec-engine-";

/** For everybody else it cannot be read. */
export async function createToolFiles(): Promise<ToolFiles> {
  const folder = await mkdtemp(join(tmpdir(), TOOL_FOLDER));
  const path = (name: string): string => join(folder, name);
  return {
    folder,
    path,
    read: async (name) => {
      const text = await readFile(path(name), "utf8").catch(() => "");
      return text.trim() === "" ? undefined : text.trim();
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A secret, and the file it lies in: arguments and variables can be read by others while a tool runs. */
export type SecretFile = Readonly<{ id: string; path: string }>;

export async function writeSecrets(
  files: ToolFiles,
  secrets: ReadonlyMap<string, Uint8Array>,
): Promise<readonly SecretFile[]> {
  await mkdir(files.path("secrets"), { recursive: true, mode: 0o700 });
  const entries = [...secrets].map(async ([id, bytes], index) => {
    const path = files.path(`secrets/${index + 1}`);
    await writeFile(path, bytes, { mode: 0o600 });
    return { id, path };
  });
  return Promise.all(entries);
}

/** Logins as docker's config.json has them. podman and its kin read it as well. */
export async function writeLogins(
  path: string,
  logins: ReadonlyMap<string, Credential>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const auths = Object.fromEntries([...logins].map(([host, login]) => [loginServer(host), entryOf(login)]));
  await writeFile(path, JSON.stringify({ ...more, auths }), { mode: 0o600 });
}

function entryOf(login: Credential): Readonly<Record<string, string>> {
  switch (login.kind) {
    case "basic":
      return { auth: Buffer.from(`${login.username}:${login.password}`).toString("base64") };
    case "identityToken":
      return { auth: Buffer.from("<token>:").toString("base64"), identitytoken: login.token };
    case "token":
      return { registrytoken: login.token };
  }
}
