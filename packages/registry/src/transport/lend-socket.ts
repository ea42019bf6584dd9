import type { Agent, ClientRequest } from "node:http";
import type { Socket } from "node:net";

const lent = new WeakSet<Socket>();

/** Keeps a connection that nobody uses open for `limit` milliseconds, without keeping the process for it. */
export function rest(socket: Socket, limit: number): Socket {
  return socket.setTimeout(limit, () => socket.destroy()).unref();
}

/** Makes a connection that rests the one which the agent would open next, unless it was closed meanwhile. */
export function lendSocket(agent: Agent, socket: Socket): void {
  const open = agent.createConnection;
  agent.createConnection = (...options) => {
    agent.createConnection = open;
    if (socket.destroyed || !socket.writable) return open.apply(agent, options);
    lent.add(socket);
    return socket.ref();
  };
}

/** Whether a request went over a connection that had served another one, and that the server may have closed. */
export function isReused({ reusedSocket, socket }: ClientRequest): boolean {
  return reusedSocket || (socket !== null && lent.has(socket));
}
