import { UnionClient } from "../client/union-client.ts";
import type { Environment } from "../config/find-config.ts";
import { loadSettings } from "../config/settings.ts";
import type { UnionOptions } from "../options.ts";

export type Surroundings = Readonly<{ cwd: string; env: Environment }>;

/** @throws ImageSpecError as `loadSettings` */
export async function connect(options: UnionOptions, surroundings: Surroundings): Promise<UnionClient> {
  return new UnionClient(await loadSettings({ options, ...surroundings }));
}
