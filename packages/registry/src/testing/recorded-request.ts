import type { IncomingHttpHeaders } from "node:http";

/** One request as the registry got it. */
export type RecordedRequest = Readonly<{
  method: string;
  /** With the query. */
  path: string;
  /** Credentials only with their scheme, unless the registry was started with `keepAuthorization`. */
  headers: IncomingHttpHeaders;
  /** Counted from 1; requests with the same number came over one connection. */
  connection: number;
  /** Undefined while it is not answered. */
  status: number | undefined;
}>;
