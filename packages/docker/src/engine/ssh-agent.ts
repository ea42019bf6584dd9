import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
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
  return withSocketMethods(new CommandSocket(spawn("ssh", words, { stdio: ["pipe", "pipe", "pipe"] })));
}

/** What a command reads and prints, as a socket that ends when the command has told how it ended. */
class CommandSocket extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  #said = "";

  constructor(child: ChildProcessWithoutNullStreams) {
    super();
    this.#child = child;
    child.stderr.on("data", (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-KEPT_LENGTH);
    });
    child.stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.on("error", (error) => this.destroy(error));
    child.on("close", (code) => this.#ended(code));
    // Why a command reads no more is told by its end.
    child.stdin.on("error", () => {});
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#child.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  #ended(code: number | null): void {
    if (code === 0) this.push(null);
    else this.destroy(sshFault(this.#said, code));
  }
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
