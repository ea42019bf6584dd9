import type { SecureContext } from "node:tls";
import type { AddressClass } from "./address-class.ts";
import type { Listener } from "./probe-tls.ts";

/** TLS towards one host. `context` holds authorities and client certificate, made once. */
export type TlsSettings = Readonly<{ context: SecureContext | undefined; verify: boolean }>;

/** What connections have in common that may stand in for each other. Compared by identity. */
export type Channel = Readonly<{
  tls: TlsSettings;
  proxy: URL | undefined;
  /** The only classes of addresses that may be connected to; undefined: any. */
  reach: ReadonlySet<AddressClass> | undefined;
}>;

/** The methods of the distribution protocol that asking needs. */
export type HttpMethod = "HEAD" | "GET" | "POST" | "DELETE";

/** One request, as it is sent: redirects and logins are not a transport's. */
export type HttpRequest = Readonly<{
  method: HttpMethod;
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  /** Bytes of the body that are kept; where there are more, the connection is given up. */
  maxBody: number;
  signal: AbortSignal | undefined;
}>;

/** One answer; `truncated`: there was more of the body than was wanted. */
export type HttpResponse = Readonly<{
  status: number;
  /** The values of a header, one for each time it was sent. */
  header(name: string): readonly string[];
  body: Uint8Array;
  truncated: boolean;
}>;

/**
 * Sends one request and reads its answer. Rejects with a `RegistryFault`, or with the signal's reason once aborted.
 */
export type Transport = Readonly<{
  exchange(request: HttpRequest, channel: Channel): Promise<HttpResponse>;
  /** What speaks at a port, where that can be told more cheaply than by a request. */
  probe?(url: URL, signal: AbortSignal | undefined): Promise<Listener>;
  close(): Promise<void>;
}>;
