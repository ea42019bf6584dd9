import { readFile } from "node:fs/promises";
import path from "node:path";
import { ImageSpecError } from "@imagespec/core";
import type { Trust } from "../network/connections.ts";
import type { Protocol, UnionOptions } from "../options.ts";
import { type ApiKey, parseApiKey } from "./api-key.ts";
import { type Endpoint, organizationOf, parseEndpoint } from "./endpoint.ts";
import { type Environment, findConfig } from "./find-config.ts";
import { type ConfigValues, configValues, readConfigFile } from "./read-config.ts";

/** How somebody signs in. */
export type SignIn = Readonly<
  | { kind: "none" }
  | { kind: "clientCredentials"; clientId: string; clientSecret: string }
  | { kind: "pkce" }
  | { kind: "device" }
  | { kind: "command"; command: readonly string[] }
  | { kind: "passThrough"; headers: () => Readonly<Record<string, string>> }
>;

/** All that the client needs to know, from options, variables, the configuration file and API keys. */
export type Settings = Readonly<{
  endpoint: Endpoint;
  trust: Trust;
  protocol: Protocol;
  signIn: SignIn;
  /** Prints what a proxy in front of the server wants as a bearer token. */
  proxyCommand: readonly string[] | undefined;
  /** Of the sign-in flows that need a person; the server has a default. */
  clientId: string | undefined;
  scopes: readonly string[] | undefined;
  org: string;
  project: string;
  domain: string;
  /** The domain that holds the task which builds images. */
  taskDomain: string;
}>;

export type SettingsInput = Readonly<{
  options: UnionOptions;
  cwd: string;
  env: Environment;
  /** Headers that the embedding program signs its calls with. */
  headers?: (() => Readonly<Record<string, string>>) | undefined;
}>;

const noEndpoint = new ImageSpecError("UNION_CONFIG_MISSING", "nothing says where Union is", {
  hint: "set FLYTE_API_KEY, or write admin.endpoint into ~/.union/config.yaml (union create login --host HOST)",
});

async function configOf({ options, cwd, env }: SettingsInput): Promise<ConfigValues> {
  const file = options.config === undefined ? await findConfig(cwd, env) : path.resolve(cwd, options.config);
  return configValues(file === undefined ? {} : await readConfigFile(file), env);
}

function apiKeyOf(env: Environment): ApiKey | undefined {
  const variable = ["FLYTE_API_KEY", "UNION_API_KEY"].find((name) => env[name]);
  return variable === undefined ? undefined : parseApiKey(env[variable]!, variable);
}

/** A key is for its own endpoint: another one must not see it. */
function apiKeyFor({ endpoint }: UnionOptions, env: Environment): ApiKey | undefined {
  const key = apiKeyOf(env);
  if (key === undefined || endpoint === undefined) return key;
  return parseEndpoint(key.endpoint).host === parseEndpoint(endpoint).host ? key : undefined;
}

async function readNamedFile(file: string, what: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new ImageSpecError("UNION_CONFIG_INVALID", `${what} cannot be read`, {
      file,
      hint: "correct the path in the configuration of Union",
      cause,
    });
  });
}

async function clientSecretOf(config: ConfigValues, env: Environment): Promise<string> {
  const variable = config.text("admin.clientSecretEnvVar");
  const fromVariable = variable === undefined ? undefined : env[variable];
  if (fromVariable) return fromVariable;
  const file = config.text("admin.clientSecretLocation");
  if (file !== undefined) return (await readNamedFile(file, "the client's secret")).trim();
  throw new ImageSpecError("UNION_CONFIG_INVALID", "the configuration names no secret of the client", {
    hint: "set admin.clientSecretEnvVar or admin.clientSecretLocation, or use FLYTE_API_KEY",
  });
}

async function clientCredentials(config: ConfigValues, env: Environment): Promise<SignIn> {
  const clientId = config.text("admin.clientId") ?? "";
  return { kind: "clientCredentials", clientId, clientSecret: await clientSecretOf(config, env) };
}

async function signInOf(config: ConfigValues, env: Environment): Promise<SignIn> {
  const authType = config.text("admin.authType") ?? "Pkce";
  switch (authType.toLowerCase().replaceAll(/[^a-z]/g, "")) {
    case "clientsecret":
    case "clientcredentials":
      return clientCredentials(config, env);
    case "externalcommand":
      return { kind: "command", command: config.list("admin.command") ?? [] };
    case "deviceflow":
      return { kind: "device" };
    case "pkce":
      return { kind: "pkce" };
    case "passthrough":
      throw new ImageSpecError("UNION_CONFIG_INVALID", "admin.authType Passthrough needs headers to pass", {
        hint: "give them to the builder: union({}, { headers })",
      });
    default:
      throw new ImageSpecError(
        "UNION_CONFIG_INVALID",
        `admin.authType ${JSON.stringify(authType)} is unknown`,
        {
          hint: "it is ClientSecret, Pkce, DeviceFlow, ExternalCommand or Passthrough",
        },
      );
  }
}

/**
 * The settings that count: options over variables over the configuration file. An API key needs no file.
 *
 * @throws ImageSpecError `UNION_CONFIG_MISSING`, `UNION_CONFIG_INVALID`, `UNION_API_KEY_INVALID`,
 * `UNION_ENDPOINT_INVALID`
 */
export async function loadSettings(input: SettingsInput): Promise<Settings> {
  const { options, env, headers } = input;
  const config = await configOf(input);
  const key = apiKeyFor(options, env);
  const address = options.endpoint ?? key?.endpoint ?? config.text("admin.endpoint");
  if (address === undefined) throw noEndpoint;
  const insecure = options.insecure ?? (key === undefined && config.flag("admin.insecure") === true);
  const endpoint = parseEndpoint(address, insecure);
  return {
    endpoint,
    trust: {
      ca: await certificateOf(config, env),
      skipVerify: config.flag("admin.insecureSkipVerify") === true,
    },
    protocol: options.protocol ?? "connect",
    signIn: await chooseSignIn({ endpoint, key, config, env, headers }),
    proxyCommand: config.list("admin.proxyCommand"),
    clientId: config.text("admin.clientId"),
    scopes: config.list("admin.scopes"),
    ...placesOf(options, { key, config, endpoint }),
    taskDomain: env.FLYTE_IMAGEBUILDER_TASK_DOMAIN || "production",
  };
}

/** Node forgets the certificates of its variable once it is given others. */
async function certificateOf(config: ConfigValues, env: Environment): Promise<string | undefined> {
  const file = config.text("admin.caCertFilePath");
  if (file === undefined) return undefined;
  const own = await readNamedFile(file, "the certificate of admin.caCertFilePath");
  const extra = await readFile(env.NODE_EXTRA_CA_CERTS || "", "utf8").catch(() => "");
  return `${extra}\n${own}`;
}

type Sources = Readonly<{ endpoint: Endpoint; key: ApiKey | undefined; config: ConfigValues }>;

function placesOf(options: UnionOptions, sources: Sources): Pick<Settings, "org" | "project" | "domain"> {
  const { key, config, endpoint } = sources;
  return {
    org: options.org ?? (key?.org || config.text("task.org")) ?? organizationOf(endpoint),
    project: options.project ?? config.text("task.project") ?? "",
    domain: options.domain ?? config.text("task.domain") ?? "",
  };
}

async function chooseSignIn(
  sources: Sources & Readonly<{ env: Environment; headers: SettingsInput["headers"] }>,
): Promise<SignIn> {
  const { endpoint, key, config, env, headers } = sources;
  if (!endpoint.isSecure) return { kind: "none" };
  if (headers) return { kind: "passThrough", headers };
  if (key) return { kind: "clientCredentials", clientId: key.clientId, clientSecret: key.clientSecret };
  return signInOf(config, env);
}
