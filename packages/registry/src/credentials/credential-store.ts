import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Credential, Issue } from "@imagespec/core";
import { DOCKER_HUB } from "@imagespec/core";
import { SingleFlight } from "../http/single-flight.ts";
import { RegistryFault } from "../registry-fault.ts";
import type { Environment } from "../transport/proxy-settings.ts";
import {
  type CredentialFile,
  credentialOf,
  DOCKER_HUB_KEY,
  findLogin,
  hostOfKey,
  parseCredentialFile,
} from "./credential-file.ts";
import { askCredentialHelper } from "./credential-helper.ts";

/** What a login is looked for. */
export type Wanted = Readonly<{
  host: string;
  repository: string;
  /** A credentials file that is asked before the machine's own. */
  registryConfig?: string | undefined;
  signal: AbortSignal | undefined;
}>;

/** `fault`: a source that should have been asked could not be, so that the absence of a credential proves little. */
export type FoundCredential = Readonly<{
  credential: Credential | undefined;
  fault: RegistryFault | undefined;
}>;

export type CredentialSettings = Readonly<{
  environment: Environment;
  home: string;
  helperLimit: number;
  explicit: ((wanted: Wanted) => Promise<Credential | undefined>) | undefined;
  warn(issue: Issue): void;
}>;

type Source = (wanted: Wanted, faults: RegistryFault[]) => Promise<Credential | undefined>;

/** Where a helper's file entry means "in this file": podman's name for it. */
const FILE_HELPER = "containers-auth.json";

/** Looks for logins in every place that docker, podman and CI systems keep them. Nothing is kept between questions. */
export class CredentialStore {
  readonly #settings: CredentialSettings;
  readonly #helpers = new SingleFlight<Credential | undefined>();

  constructor(settings: CredentialSettings) {
    this.#settings = settings;
  }

  /**
   * The credential of the first source that has one. Rejects with a `RegistryFault` `credential-helper-timeout` where a
   * helper does not answer.
   */
  async find(wanted: Wanted): Promise<FoundCredential> {
    const faults: RegistryFault[] = [];
    for (const source of this.#sources(wanted)) {
      const credential = await source(wanted, faults);
      if (credential !== undefined) return { credential, fault: undefined };
    }
    return { credential: undefined, fault: faults[0] };
  }

  #sources({ registryConfig }: Wanted): readonly Source[] {
    const { environment, explicit } = this.#settings;
    const own = registryConfig === undefined ? [] : [this.#file(registryConfig, { required: true })];
    const inline = environment.DOCKER_AUTH_CONFIG;
    const stated = explicit === undefined ? [] : [explicit];
    const variable = inline === undefined || inline === "" ? [] : [this.#inline(inline)];
    return [...stated, ...own, ...variable, ...this.#machineFiles(), ...this.#tokens()];
  }

  #machineFiles(): readonly Source[] {
    const { environment, home } = this.#settings;
    const only = environment.REGISTRY_AUTH_FILE;
    if (only !== undefined && only !== "") return [this.#file(only, { required: true })];
    const runtime = environment.XDG_RUNTIME_DIR || `/run/containers/${process.getuid?.() ?? 0}`;
    const runtimeFile = environment.XDG_RUNTIME_DIR
      ? join(runtime, "containers/auth.json")
      : join(runtime, "auth.json");
    return [
      this.#file(join(environment.DOCKER_CONFIG || join(home, ".docker"), "config.json")),
      this.#file(runtimeFile),
      this.#file(join(environment.XDG_CONFIG_HOME || join(home, ".config"), "containers/auth.json")),
      this.#file(join(home, ".dockercfg"), { legacy: true }),
    ];
  }

  /** Tokens that CI systems set, each for its own host alone. */
  #tokens(): readonly Source[] {
    const { environment } = this.#settings;
    const { GITHUB_TOKEN, GITHUB_ACTOR, CI_REGISTRY, CI_REGISTRY_USER, CI_REGISTRY_PASSWORD } = environment;
    return [
      forHost(CI_REGISTRY, {
        username: CI_REGISTRY_USER,
        password: CI_REGISTRY_PASSWORD,
        source: "CI_REGISTRY_PASSWORD",
      }),
      forHost("ghcr.io", {
        username: GITHUB_ACTOR || "x-access-token",
        password: GITHUB_TOKEN,
        source: "GITHUB_TOKEN",
      }),
    ];
  }

  #inline(text: string): Source {
    return async (wanted, faults) => {
      const file = parseCredentialFile(text);
      if (file !== undefined) return this.#ask(file, "DOCKER_AUTH_CONFIG", wanted, faults);
      return this.#note(faults, unreadable("it is not a JSON object", "DOCKER_AUTH_CONFIG"));
    };
  }

  #file(path: string, { required = false, legacy = false } = {}): Source {
    return async (wanted, faults) => {
      try {
        const file = parseCredentialFile(await readFile(path, "utf8"), legacy);
        if (file !== undefined) return await this.#ask(file, path, wanted, faults);
        return this.#note(faults, unreadable("it is not a JSON object", path));
      } catch (error) {
        if (error instanceof RegistryFault) throw error;
        const { code } = error as NodeJS.ErrnoException;
        if (!required && (code === "ENOENT" || code === "ENOTDIR")) return undefined;
        return this.#note(faults, unreadable(code ?? "it cannot be read", path));
      }
    };
  }

  async #ask(
    file: CredentialFile,
    source: string,
    wanted: Wanted,
    faults: RegistryFault[],
  ): Promise<Credential | undefined> {
    const helper = helperFor(file, wanted.host);
    const found = helper === undefined ? undefined : await this.#askHelper(helper, wanted, faults);
    if (found !== undefined) return found;
    const login = findLogin(file, wanted.host, wanted.repository);
    return login === undefined ? undefined : credentialOf(login, source);
  }

  async #askHelper(name: string, wanted: Wanted, faults: RegistryFault[]): Promise<Credential | undefined> {
    const { environment, helperLimit: limit } = this.#settings;
    const serverUrl = wanted.host === DOCKER_HUB ? DOCKER_HUB_KEY : wanted.host;
    try {
      return await this.#helpers.run(`${name} ${serverUrl}`, wanted.signal, (signal) =>
        askCredentialHelper({ name, serverUrl, environment, limit, signal }),
      );
    } catch (error) {
      if (!(error instanceof RegistryFault) || error.reason === "credential-helper-timeout") throw error;
      return this.#note(faults, error);
    }
  }

  #note(faults: RegistryFault[], fault: RegistryFault): undefined {
    faults.push(fault);
    this.#settings.warn(warningOf(fault));
  }
}

function warningOf({ reason, message, hint }: RegistryFault): Issue {
  const warning = { severity: "warning", message, hint } as const;
  if (reason === "credential-helper-missing")
    return { code: "REGISTRY_CREDENTIAL_HELPER_MISSING", ...warning };
  if (reason === "credential-helper-failed") return { code: "REGISTRY_CREDENTIAL_HELPER_FAILED", ...warning };
  return { code: "REGISTRY_CREDENTIALS_UNREADABLE", ...warning };
}

/** The helper named for the host, else the store for all; an empty name or podman's own means the file itself. */
function helperFor(file: CredentialFile, host: string): string | undefined {
  const key = Object.keys(file.credHelpers).find(
    (candidate) => candidate === host || hostOfKey(candidate) === host,
  );
  const name = key === undefined ? file.credsStore : file.credHelpers[key];
  return name === "" || name === FILE_HELPER ? undefined : name;
}

type Token = Readonly<{ username: string | undefined; password: string | undefined; source: string }>;

function forHost(only: string | undefined, { username, password, source }: Token): Source {
  return async ({ host }) =>
    only?.toLowerCase() === host && username && password
      ? { kind: "basic", username, password, source }
      : undefined;
}

function unreadable(why: string, source: string): RegistryFault {
  return new RegistryFault("credentials-unreadable", {
    detail: `the credentials in ${source} cannot be read: ${why}`,
    hint: `repair or remove ${source}; docker login and skopeo login write it anew`,
  });
}
