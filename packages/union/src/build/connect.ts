import { createHash } from "node:crypto";
import { openInBrowser, Prompts } from "../auth/prompts.ts";
import type { Limits } from "../client/limits.ts";
import { UnionClient } from "../client/union-client.ts";
import type { Environment } from "../config/find-config.ts";
import { loadSettings } from "../config/settings.ts";
import type { UnionHost, UnionOptions } from "../options.ts";

export type Surroundings = Readonly<{ cwd: string; env: Environment; host: UnionHost; limits: Limits }>;

/** Clients by their settings, so that one sign-in and one connection serve all that one builder is asked. */
export class Connections {
  readonly #clients = new Map<string, UnionClient>();

  /** @throws ImageSpecError as `loadSettings` */
  async open(options: UnionOptions, { cwd, env, host, limits }: Surroundings): Promise<UnionClient> {
    const settings = await loadSettings({ options, cwd, env, headers: host.headers });
    const key = createHash("sha256").update(JSON.stringify(settings)).digest("hex");
    const known = this.#clients.get(key);
    if (known) return known;
    const isThere = host.isInteractive ?? (process.stderr.isTTY === true && !env.CI);
    const openBrowser = host.openBrowser ?? openInBrowser;
    const client = new UnionClient({ settings, env, limits, prompts: new Prompts({ isThere, openBrowser }) });
    this.#clients.set(key, client);
    return client;
  }
}
