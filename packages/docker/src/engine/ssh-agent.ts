import { spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";
import type { Endpoint } from "./endpoint.ts";

type SshEndpoint = Extract<Endpoint, { kind: "ssh" }>;

/** The code of an error whose message is what ssh said. */
export const SSH_FAULT = "ESSH";

/** What ssh says is kept to this many characters. */
const KEPT_LENGTH = 2000;

/**
 * Connections of HTTP through the ssh command, which knows its users' keys, hosts and settings: at the other end
 * docker's own command talks to the engine.
 */
export class SshAgent extends Agent {
  readonly #endpoint: SshEndpoint;

  constructor(endpoint: SshEndpoint) {
    super();
    this.#endpoint = endpoint;
  }

  override createConnection(): Duplex {
    return dialStdio(this.#endpoint);
  }
}

/** As docker's own command asks for it. A socket that the address names is told by its path. */
function remoteCommand({ path }: SshEndpoint): string {
  const host = path === undefined ? "" : ` --host '${`unix://${path}`.replaceAll("'", "'\\''")}'`;
  return `docker${host} system dial-stdio`;
}

function dialStdio(endpoint: SshEndpoint): Duplex {
  const options = ["-o", "ConnectTimeout=30", "-o", "BatchMode=yes", "-T"];
  const words = [...options, ...endpoint.arguments, remoteCommand(endpoint)];
  const child = spawn("ssh", words, { stdio: ["pipe", "pipe", "pipe"] });
  const socket = Duplex.from({ readable: child.stdout, writable: child.stdin });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-KEPT_LENGTH);
  });
  child.on("error", (error) => socket.destroy(error));
  child.on("exit", (code) => {
    if (code !== 0) socket.destroy(sshFault(said, code));
  });
  socket.on("close", () => child.kill());
  return withSocketMethods(socket);
}

/** HTTP's client sets timeouts and the like on whatever it talks through; here they mean nothing. */
function withSocketMethods(stream: Duplex): Duplex {
  const same = (): Duplex => stream;
  return Object.assign(stream, {
    setTimeout: same,
    setNoDelay: same,
    setKeepAlive: same,
    ref: same,
    unref: same,
  });
}

function sshFault(said: string, code: number | null): NodeJS.ErrnoException {
  const why = said.trim() === "" ? `ssh ended with exit code ${code}` : said.trim();
  return Object.assign(new Error(why), { code: SSH_FAULT });
}
