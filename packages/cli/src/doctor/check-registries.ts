import { ImageSpecError, type RegistryQuery, type ResolvedImage } from "@imagespec/core";
import type { RegistryClient, RegistryGreeting } from "@imagespec/registry";
import type { Finding } from "./finding.ts";

/** Seconds by which clocks may differ before tokens and certificates suffer. */
const MAX_SKEW = 60;

/** Where an image is to be pushed. */
export type Destination = Readonly<{ repository: string; query: RegistryQuery }>;

/** The repositories of images, each once; images without a registry have none. */
export function destinationsOf(images: readonly ResolvedImage[]): readonly Destination[] {
  const found = new Map<string, Destination>();
  for (const { plan, registryConfig } of images) {
    const { registry, insecure, name } = plan.destination;
    if (registry === undefined) continue;
    const repository = `${registry}/${name}`;
    found.set(repository, { repository, query: { insecure, registryConfig } });
  }
  return [...found.values()];
}

function clockFinding(host: string, date: Date | undefined, now: number): readonly Finding[] {
  if (date === undefined) return [];
  const seconds = Math.round((now - date.getTime()) / 1000);
  if (Math.abs(seconds) <= MAX_SKEW) return [];
  const direction = seconds > 0 ? "ahead of" : "behind";
  return [
    {
      subject: "clock",
      state: "fault",
      detail: `this machine's clock is ${Math.abs(seconds)} s ${direction} ${host}'s`,
      hint: "timedatectl set-ntp true",
    },
  ];
}

/** A registry by its host: does it answer, and what time is it there? */
export async function checkHost(
  registry: Pick<RegistryClient, "ping">,
  host: string,
  query: RegistryQuery,
): Promise<readonly Finding[]> {
  const greeting: RegistryGreeting = await registry.ping(host, query);
  if (greeting.verdict === "unknown") {
    const { reason, detail, hint } = greeting;
    return [{ subject: host, state: "fault", detail: `${reason}: ${detail}`, hint }];
  }
  const found: Finding = { subject: host, state: "ok", detail: `answers over ${greeting.scheme}` };
  return [found, ...clockFinding(host, greeting.date, Date.now())];
}

async function sourceOf(registry: RegistryClient, { repository, query }: Destination): Promise<string> {
  const credential = await registry.credentials(repository, "push", query);
  return credential === undefined ? "without a login" : `with the login of ${credential.source}`;
}

/** May we push there? Nothing is pushed; the login's source is named, never the login. */
export async function checkDestination(registry: RegistryClient, destination: Destination): Promise<Finding> {
  const { repository: subject, query } = destination;
  try {
    const source = await sourceOf(registry, destination);
    const permission = await registry.checkPush(subject, query);
    if (permission.verdict === "allowed")
      return { subject, state: "ok", detail: `can be pushed to, ${source}` };
    const said = permission.verdict === "denied" ? permission.message : permission.reason;
    return { subject, state: "fault", detail: `${said} (${source})`, hint: permission.hint };
  } catch (error) {
    if (!ImageSpecError.isInstance(error)) throw error;
    return { subject, state: "fault", detail: error.message, hint: error.details.hint };
  }
}
