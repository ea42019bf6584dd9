import { type BuildRequest, ImageSpecError, type Redactor } from "@imagespec/core";
import type { DockerOptions } from "../options.ts";
import { proxyArguments } from "./docker-config.ts";
import { findEndpoint } from "./endpoint.ts";
import { connectEngine, type Engine } from "./engine.ts";
import { describeEngine, type EngineFacts } from "./engine-facts.ts";
import { HostLogins } from "./host-logins.ts";
import { maskedCredentials, maskPasswords } from "./lent-secrets.ts";
import { openSession, type Session } from "./session/open-session.ts";

/** What one build works with. */
export type Work = Readonly<{
  /** The request, whose events and logins go through the redactor. */
  request: BuildRequest<DockerOptions>;
  engine: Engine;
  session: Session;
  platform: string;
  /** What the Dockerfile starts from. */
  base: string;
  /** Build arguments that are neither in the image nor in its history. */
  proxies: Readonly<Record<string, string>>;
  /** By id; the session gives them, and nothing else. */
  secrets: Map<string, Uint8Array>;
  logins: HostLogins;
  redactor: Redactor;
}>;

/**
 * Finds the engine, makes sure that it can do what is asked, and opens a session.
 *
 * @throws ImageSpecError `ENGINE_NOT_FOUND` and its kin, `PLATFORMS_UNSUPPORTED`
 */
export async function openWork(request: BuildRequest<DockerOptions>, redactor: Redactor): Promise<Work> {
  const { options, signal } = request;
  const engine = connectEngine(await findEndpoint());
  const platform = onePlatform(request, await describeEngine(engine, signal));
  const proxies = await proxyArguments(process.env, engine.endpoint.address);
  for (const address of Object.values(proxies)) maskPasswords(redactor, address);
  const masked = maskedRequest(request, redactor);
  const base = baseName(request);
  const images = [base, options.uvImage, options.micromambaImage].filter((image) => image !== undefined);
  const logins = new HostLogins(images, masked.services.credentials);
  const secrets = new Map<string, Uint8Array>();
  const sources = { secret: (id: string) => secrets.get(id), login: (host: string) => logins.login(host) };
  const session = await openSession(engine, sources, signal);
  return { request: masked, engine, session, platform, base, proxies, secrets, logins, redactor };
}

/** The name by which the Dockerfile starts from its base. */
function baseName({ plan: { base } }: BuildRequest<DockerOptions>): string {
  if (base.kind === "image" || base.digest === undefined) return base.reference;
  return `${base.reference}@${base.digest}`;
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

/** The Engine API builds for one platform, and the older image stores keep one image a name. */
function onePlatform({ plan, reference }: BuildRequest<DockerOptions>, facts: EngineFacts): string {
  const [platform = facts.platform, ...others] = plan.platforms;
  if (others.length === 0) return platform;
  const why =
    facts.store === "graphdriver"
      ? "this engine's image store keeps one platform for each name"
      : "this engine's API builds for one platform at a time";
  throw new ImageSpecError(
    "PLATFORMS_UNSUPPORTED",
    `${plan.platforms.join(", ")} cannot be built together: ${why}`,
    {
      field: "platform",
      image: reference,
      hint: `build one platform: --platform ${platform}`,
    },
  );
}
