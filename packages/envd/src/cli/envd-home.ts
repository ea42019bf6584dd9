import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Credential, loginServer } from "@imagespec/core";

/** What a home says of one registry. */
export type RegistryAccess = Readonly<{
  host: string;
  credential?: Credential | undefined;
  insecure: boolean;
}>;

/** A home of envd's own, so that nothing of the user's is read or changed. */
export type EnvdHome = Readonly<{ directory: string; environment: Readonly<Record<string, string>> }>;

type Login = Readonly<Record<string, string>>;

/** An entry of `auths` in docker's config.json. */
function loginOf(credential: Credential): Login {
  if (credential.kind === "token") return { registrytoken: credential.token };
  if (credential.kind === "identityToken") return { identitytoken: credential.token };
  const { username, password } = credential;
  return { auth: Buffer.from(`${username}:${password}`).toString("base64") };
}

function dockerConfig(registries: readonly RegistryAccess[]): string {
  const auths = registries.flatMap(({ host, credential }): [string, Login][] =>
    credential === undefined ? [] : [[loginServer(host), loginOf(credential)]],
  );
  return JSON.stringify({ auths: Object.fromEntries(auths) });
}

/** Which registries envd itself may ask by plain http: containers-registries.conf(5). */
function registriesConf(registries: readonly RegistryAccess[]): string {
  return registries
    .filter(({ insecure }) => insecure)
    .map(({ host }) => `[[registry]]\nlocation = ${JSON.stringify(host)}\ninsecure = true\n`)
    .join("");
}

/**
 * Lays out a home in a private folder. The key that envd would make for its own containers is there already, empty:
 * making one takes longer than everything else that envd does by itself.
 */
export async function createHome(
  directory: string,
  registries: readonly RegistryAccess[] = [],
): Promise<EnvdHome> {
  const settings = join(directory, ".config", "envd");
  const containers = join(directory, ".config", "containers");
  const docker = join(directory, ".docker");
  for (const folder of [settings, containers, docker]) await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const write = (file: string, text: string): Promise<void> => writeFile(file, text, { mode: 0o600 });
  await Promise.all([
    write(join(settings, "id_rsa_envd"), ""),
    write(join(settings, "id_rsa_envd.pub"), ""),
    write(join(containers, "registries.conf"), registriesConf(registries)),
    write(join(docker, "config.json"), dockerConfig(registries)),
  ]);
  return {
    directory,
    environment: { HOME: directory, DOCKER_CONFIG: docker, ENVD_ANALYTICS: "false", NO_COLOR: "1" },
  };
}
