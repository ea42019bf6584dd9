import { type BuildRequest, baseReference, type Redactor } from "@imagespec/core";
import type { DockerOptions } from "../options.ts";
import { proxyArguments } from "./docker-config.ts";
import { requireAbilities } from "./drivers/abilities.ts";
import { cacheReferences } from "./drivers/cache-options.ts";
import { chooseEngine } from "./drivers/choose-engine.ts";
import type { FoundEngine, OpenEngine } from "./drivers/driver.ts";
import { HostLogins } from "./host-logins.ts";
import { maskedCredentials, maskPasswords } from "./lent-secrets.ts";

/** What one build works with. */
export type Work = Readonly<{
  /** The request, whose events and logins go through the redactor. */
  request: BuildRequest<DockerOptions>;
  found: FoundEngine;
  engine: OpenEngine;
  platforms: readonly string[];
  /** What the Dockerfile starts from. */
  base: string;
  /** Build arguments that are neither in the image nor in its history. */
  proxies: Readonly<Record<string, string>>;
  /** By id; the engine is lent these, and nothing else. */
  secrets: Map<string, Uint8Array>;
  redactor: Redactor;
}>;

/**
 * Finds the engine, makes sure that it can do what is asked, and opens it.
 *
 * @throws ImageSpecError `ENGINE_NOT_FOUND` and its kin, `PLATFORMS_UNSUPPORTED`
 */
export async function openWork(request: BuildRequest<DockerOptions>, redactor: Redactor): Promise<Work> {
  const { options, signal, plan, reference, destination } = request;
  const masked = maskedRequest(request, redactor);
  const base = baseReference(plan.base);
  const images = takenImages(base, options);
  const secrets = new Map<string, Uint8Array>();
  const logins = new HostLogins(
    [...images, ...cacheReferences(options.cacheFrom)],
    masked.services.credentials,
  );
  const environment = process.env;
  const { platforms } = plan;
  const { found, used } = await chooseEngine({ options, environment, signal }, async (engine) => {
    requireAbilities(engine.name, engine.abilities, { platforms, options, destination, image: reference });
    return engine.open({ request: masked, images, secrets, logins, environment });
  });
  const proxies = await proxyArguments(environment, found.address ?? "default");
  for (const address of Object.values(proxies)) maskPasswords(redactor, address);
  const wanted = platforms.length === 0 ? [found.platform] : platforms;
  return { request: masked, found, engine: used, platforms: wanted, base, proxies, secrets, redactor };
}

/** From registries, the base first. */
function takenImages(base: string, { uvImage, micromambaImage, attest }: DockerOptions): readonly string[] {
  const scanner = typeof attest?.sbom === "object" ? attest.sbom.generator : undefined;
  return [base, uvImage, micromambaImage, scanner].filter((image) => image !== undefined);
}

function maskedRequest(
  request: BuildRequest<DockerOptions>,
  redactor: Redactor,
): BuildRequest<DockerOptions> {
  const { services } = request;
  return {
    ...request,
    services: {
      ...services,
      credentials: maskedCredentials(services, redactor),
      emit: (event) => services.emit(redactor.data(event)),
    },
  };
}
