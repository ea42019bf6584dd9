import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createH2cServer, createSecureServer, type Http2SecureServer } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { type Behaviour, healthy } from "./behaviour.ts";
import type { Executor } from "./executor.ts";
import { type AuthOptions, answerSignIn } from "./oauth.ts";
import { type PutAnswer, takeObject } from "./object-store.ts";
import { routes } from "./services.ts";
import { BackendState } from "./state.ts";

export type Call = Readonly<{
  procedure: string;
  listener: "main" | "second";
  header: Headers;
  turn: number;
}>;

export type BackendOptions = Readonly<{
  executor: Executor;
  /** Default: HTTP/1.1 and HTTP/2 in plain text. */
  transport?: Readonly<{ key: Buffer | string; cert: Buffer | string }> | undefined;
  auth?: AuthOptions | undefined;
  behaviour?: Partial<Behaviour> | undefined;
}>;

export type UnionBackend = Readonly<{
  /** `localhost:PORT`. */
  endpoint: string;
  /** The same of the listener that stands for another cluster. */
  second: string;
  state: BackendState;
  behaviour: Behaviour;
  calls: readonly Call[];
  /** Told of each call before it is answered; what it throws is the answer. */
  onCall: { current: (call: Call) => void | Promise<void> };
  /** May answer an upload in the store's place. */
  onPut: { current: (turn: number) => PutAnswer | undefined };
  procedures(): readonly string[];
  stop(): Promise<void>;
}>;

type AnyServer = Server | Http2SecureServer;

const PREFACE = "PRI * HTTP/2.0";

/** One plain port for both: who speaks HTTP/2 says so first (RFC 9113, section 3.4). */
function openPlainServer(handler: RequestListener): AnyServer {
  const http1 = createHttpServer(handler);
  const http2 = createH2cServer(handler as unknown as Parameters<typeof createH2cServer>[1]);
  return createServer((socket) => {
    socket.once("error", () => socket.destroy());
    socket.once("readable", () => {
      const start = (socket.read() as Buffer | null) ?? Buffer.alloc(0);
      socket.unshift(start);
      const chosen = start.toString("latin1").startsWith(PREFACE) ? http2 : http1;
      chosen.emit("connection", socket);
    });
  });
}

function openServer(transport: BackendOptions["transport"], handler: RequestListener): AnyServer {
  if (transport === undefined) return openPlainServer(handler);
  const secure = handler as unknown as Parameters<typeof createSecureServer>[1];
  return createSecureServer({ ...transport, allowHTTP1: true }, secure);
}

type Listener = Readonly<{ port: number; close: () => Promise<void> }>;

async function listen(server: AnyServer): Promise<Listener> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, close };
}

const isOpen = (procedure: string): boolean => procedure.includes("AuthMetadataService");

/** Refuses whoever has no token of ours. */
function guard(state: BackendState, auth: AuthOptions | undefined): Interceptor {
  return (next) => (request) => {
    const { service, method } = request;
    const given = request.header.get(auth?.header ?? "authorization") ?? "";
    const isKnown = state.tokens.has(given.replace(/^Bearer /, ""));
    if (auth && !isKnown && !isOpen(`${service.typeName}/${method.name}`)) {
      throw new ConnectError("missing or stale bearer token", Code.Unauthenticated);
    }
    return next(request);
  };
}

/** Starts a backend on two free ports of the loopback: the endpoint, and the listener of another cluster. */
export async function startUnionBackend(options: BackendOptions): Promise<UnionBackend> {
  const { executor, auth, transport } = options;
  const state = new BackendState();
  const behaviour: Behaviour = { ...healthy, ...options.behaviour };
  const calls: Call[] = [];
  const onCall: UnionBackend["onCall"] = { current: () => {} };
  const onPut: UnionBackend["onPut"] = { current: () => undefined };
  const scheme = typeof transport === "object" ? "https" : "http";
  let listeners: readonly Listener[] = [];
  const host = (position: number): string => `localhost:${listeners[position]?.port}`;
  const addresses = () => ({ main: host(0), second: host(1), origin: `${scheme}://${host(0)}` });
  let puts = 0;
  const fault = (): PutAnswer | undefined => onPut.current(++puts);
  const record =
    (listener: Call["listener"]): Interceptor =>
    (next) =>
    async (request) => {
      const procedure = `${request.service.typeName.split(".").at(-1)}/${request.method.name}`;
      const turn = calls.filter((call) => call.procedure === procedure).length + 1;
      const call: Call = { procedure, listener, header: request.header, turn };
      calls.push(call);
      await onCall.current(call);
      return next(request);
    };
  const answerOthers = async (...[request, response]: Parameters<RequestListener>): Promise<void> => {
    if (auth && (await answerSignIn(request, response, { state, auth, origin: addresses().origin }))) return;
    if (request.method === "PUT") return takeObject(request, response, { state, fault });
    response.writeHead(404, { "content-type": "text/html" }).end("<html>nothing here</html>");
  };
  const serve = (listener: Call["listener"]): RequestListener =>
    connectNodeAdapter({
      routes: routes({ state, behaviour, executor, auth, addresses }),
      interceptors: [record(listener), guard(state, auth)],
      fallback: (request, response) => {
        const node = { request, response } as unknown as {
          request: Parameters<RequestListener>[0];
          response: Parameters<RequestListener>[1];
        };
        // Who hangs up halfway is not answered.
        answerOthers(node.request, node.response).catch(() => node.response.destroy());
      },
    }) as unknown as RequestListener;
  listeners = await Promise.all(
    (["main", "second"] as const).map((listener) => listen(openServer(transport, serve(listener)))),
  );
  return {
    endpoint: host(0),
    second: host(1),
    state,
    behaviour,
    calls,
    onCall,
    onPut,
    procedures: () => calls.map(({ procedure }) => procedure),
    async stop() {
      for (const run of state.runs.values()) run.abort.abort();
      await Promise.all(listeners.map(({ close }) => close()));
    },
  };
}
