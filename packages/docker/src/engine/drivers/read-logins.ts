import { type Credential, parseImageReference } from "@imagespec/core";
import { cacheReferences } from "./cache-options.ts";
import type { Lent } from "./driver.ts";

/** Whether a build only takes from registries, or pushes to its own as well. */
type Use = "pull" | "push";

/**
 * The logins that a build needs, by host: of what it takes, of its caches, and with `push` of where it goes. Engines
 * that ask for logins while they build are better served by a session, which gives only what is asked for.
 */
export async function readLogins(
  { request, images }: Lent,
  use: Use,
): Promise<ReadonlyMap<string, Credential>> {
  const { options, reference, services, destination } = request;
  const caches = [...cacheReferences(options.cacheFrom), ...cacheReferences(options.cacheTo)];
  const wanted = new Map<string, readonly [string, Use]>();
  for (const image of [...images, ...caches]) add(wanted, image, "pull");
  for (const image of cacheReferences(options.cacheTo)) add(wanted, image, "push");
  if (use === "push" && destination === "registry") add(wanted, reference, "push");
  const logins = new Map<string, Credential>();
  for (const [host, [repository, access]] of wanted) {
    const credential = await services.credentials(repository, access);
    if (credential !== undefined) logins.set(host, credential);
  }
  return logins;
}

function add(wanted: Map<string, readonly [string, Use]>, image: string, use: Use): void {
  const { host, repository } = parseImageReference(image);
  wanted.set(host, [`${host}/${repository}`, use]);
}
