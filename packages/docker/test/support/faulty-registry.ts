import * as http from "node:http";
import { portOf } from "./fake-engine.ts";

/** What a registry answers, to which requests of its own. */
export type RegistryFault = Readonly<{
  /** One, or several with `|` between them. */
  method: string;
  path: RegExp;
  status: number;
  code: string;
  message: string;
}>;

/** A request that is never answered. */
export type RegistryStandstill = Pick<RegistryFault, "method" | "path">;

export type FaultyRegistry = Readonly<{
  host: string;
  /** Resolves when the first such request has come. */
  reached: Promise<void>;
  stop(): Promise<void>;
}>;

/** A registry that hands everything on to a real one, but for some requests, which it answers itself. */
export async function startFaultyRegistry(
  real: string,
  fault: RegistryFault | RegistryStandstill,
): Promise<FaultyRegistry> {
  let reach = (): void => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const server = http.createServer((request, response) => {
    const { method = "", url = "" } = request;
    const isFaulty = fault.method.split("|").includes(method) && fault.path.test(url);
    if (!isFaulty) return handOn(real, request, response);
    reach();
    request.resume();
    if (!("status" in fault)) return undefined;
    response.writeHead(fault.status, { "Content-Type": "application/json" });
    return response.end(JSON.stringify({ errors: [{ code: fault.code, message: fault.message }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${portOf(server)}`,
    reached,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** With the name by which it was asked, so that the addresses it gives lead here again. */
function handOn(real: string, request: http.IncomingMessage, response: http.ServerResponse): void {
  const [host = "", port] = real.split(":");
  const { method, url: path, headers } = request;
  const onward = http.request({ host, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}
