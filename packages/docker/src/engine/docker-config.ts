import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { ImageSpecError } from "@imagespec/core";

/** The variables that are read, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a Docker context says of its engine. `files` is where its certificates lie, where it has any. */
export type DockerContext = Readonly<{ address: string; skipVerify: boolean; files: string }>;

type Json = Readonly<Record<string, unknown>>;

/** The folder of docker's command-line settings. */
export function dockerConfigFolder(environment: Environment): string {
  const home = environment.HOME === undefined || environment.HOME === "" ? homedir() : environment.HOME;
  return environment.DOCKER_CONFIG || join(home, ".docker");
}

/**
 * The name of the context in use, or undefined for the default one. `DOCKER_HOST` is not looked at.
 *
 * @throws ImageSpecError `DOCKER_CONFIG_INVALID` for a config.json that is no JSON object
 */
export async function currentContext(environment: Environment): Promise<string | undefined> {
  const config = await readDockerConfig(environment);
  const name = environment.DOCKER_CONTEXT || config?.currentContext;
  return typeof name === "string" && name !== "" && name !== "default" ? name : undefined;
}

/**
 * Reads a context from docker's own store.
 *
 * @throws ImageSpecError `DOCKER_CONTEXT_NOT_FOUND`
 */
export async function readContext(environment: Environment, name: string): Promise<DockerContext> {
  const folder = join(dockerConfigFolder(environment), "contexts");
  const id = createHash("sha256").update(name).digest("hex");
  const meta = await readJson(join(folder, "meta", id, "meta.json"));
  const endpoint = child(child(meta, "Endpoints"), "docker");
  if (typeof endpoint?.Host !== "string") {
    throw new ImageSpecError(
      "DOCKER_CONTEXT_NOT_FOUND",
      `there is no docker context named ${JSON.stringify(name)}`,
      {
        hint: "docker context ls   lists the contexts; docker context use default   goes back to the local engine",
      },
    );
  }
  return {
    address: endpoint.Host,
    skipVerify: endpoint.SkipTLSVerify === true,
    files: join(folder, "tls", id, "docker"),
  };
}

const proxyNames: Readonly<Record<string, string>> = {
  httpProxy: "HTTP_PROXY",
  httpsProxy: "HTTPS_PROXY",
  ftpProxy: "FTP_PROXY",
  noProxy: "NO_PROXY",
  allProxy: "ALL_PROXY",
};

/**
 * The proxies that docker's config.json gives to builds on the engine at `address`, as the build arguments that every
 * Dockerfile has without declaring them: engines keep those out of images, histories and cache keys.
 *
 * @throws ImageSpecError `DOCKER_CONFIG_INVALID`
 * @see https://docs.docker.com/engine/cli/proxy/
 */
export async function proxyArguments(
  environment: Environment,
  address: string,
): Promise<Readonly<Record<string, string>>> {
  const proxies = child(await readDockerConfig(environment), "proxies");
  const settings = child(proxies, address) ?? child(proxies, "default") ?? {};
  const pairs = Object.entries(proxyNames).flatMap(([setting, name]) => {
    const value = settings[setting];
    return typeof value === "string" && value !== ""
      ? [
          [name, value],
          [name.toLowerCase(), value],
        ]
      : [];
  });
  return Object.fromEntries(pairs);
}

/** docker's config.json; undefined where there is none. @throws ImageSpecError `DOCKER_CONFIG_INVALID` */
export function readDockerConfig(environment: Environment): Promise<Json | undefined> {
  return readJson(join(dockerConfigFolder(environment), "config.json"));
}

/** The file's JSON object; undefined where there is no file. */
async function readJson(path: string): Promise<Json | undefined> {
  const text = await readOptional(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text.toString());
    if (typeof value === "object" && value !== null) return value as Json;
  } catch (cause) {
    throw invalid(path, cause);
  }
  throw invalid(path, undefined);
}

/** The file's bytes; undefined where there is no file. */
export async function readOptional(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw invalid(path, error);
  }
}

function invalid(file: string, cause: unknown): ImageSpecError {
  return new ImageSpecError("DOCKER_CONFIG_INVALID", `docker's setting ${file} cannot be read`, {
    file,
    cause,
    hint: `mv '${file}' '${file}.broken'   puts it aside; docker login makes a new one`,
  });
}

function child(value: Json | undefined, name: string): Json | undefined {
  const entry = value?.[name];
  return typeof entry === "object" && entry !== null ? (entry as Json) : undefined;
}
