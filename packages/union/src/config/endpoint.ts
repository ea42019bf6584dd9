import { ImageSpecError } from "@imagespec/core";

/** Where a server listens. */
export type Endpoint = Readonly<{
  /** `https://host:port`, without a path. */
  origin: string;
  /** `host` or `host:port`, as it stands in the pages that people open. */
  host: string;
  hostname: string;
  isSecure: boolean;
}>;

function invalid(text: string): ImageSpecError {
  return new ImageSpecError("UNION_ENDPOINT_INVALID", `${JSON.stringify(text)} is not an endpoint`, {
    hint: "write the host of your organisation, as in your browser: org.hosted.unionai.cloud",
  });
}

/**
 * Reads `host`, `host:port`, `dns:///host:port` and URLs. What they name is plain text only where `insecure` says so
 * or where the URL does.
 *
 * @throws ImageSpecError `UNION_ENDPOINT_INVALID`
 */
export function parseEndpoint(text: string, insecure = false): Endpoint {
  const bare = text.trim().replace(/^dns:\/\/+/, "");
  const hasScheme = /^https?:\/\//i.test(bare);
  const scheme = insecure ? "http" : "https";
  const address = hasScheme ? (insecure ? bare.replace(/^https:/i, "http:") : bare) : `${scheme}://${bare}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isBare =
    url && url.hostname !== "" && url.username === "" && /^\/?$/.test(url.pathname) && !url.search;
  if (!isBare) throw invalid(text);
  return { origin: url.origin, host: url.host, hostname: url.hostname, isSecure: url.protocol === "https:" };
}

/** The first label of a host of more than two, which is how Union names organisations. */
export function organizationOf({ hostname }: Endpoint): string {
  const labels = hostname.split(".");
  return labels.length > 2 && !/^[\d.]+$|:/.test(hostname) ? labels[0]! : "";
}
