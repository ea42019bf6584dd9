import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import * as http from "node:http";
import * as https from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { createCertificateAuthority } from "@imagespec/test-services";
import { portOf } from "./fake-engine.ts";
import { type IndexLogin, packageIndex } from "./package-index.ts";

/** Its index of packages, and its mirror of anything else: `https://mirror.example.com/HOST/PATH` is `http://HOST/PATH`. */
const indexHost = "packages.example.com";
const mirrorHost = "mirror.example.com";

/**
 * A company's network: everything goes through its proxy, and its own servers have certificates of its own authority,
 * which nobody else trusts.
 */
export type CompanyNetwork = Readonly<{
  /** What makes builds use it. */
  environment: Readonly<Record<string, string>>;
  login: IndexLogin;
  /** For the index. */
  netrc: string;
  /** The authority beside those that this machine trusts. */
  caCertificates: string;
  /** A line of that file that is in no other. */
  mark: string;
  /** `HOST/PATH` that builds wanted from the index and the mirror. */
  asked: readonly string[];
  stop(): Promise<void>;
}>;

/** @param address an address of this machine that containers reach */
export async function openCompanyNetwork(folder: string, address: string): Promise<CompanyNetwork> {
  const authority = await createCertificateAuthority(join(folder, "authority"));
  const { certificateFile, keyFile } = await authority.issue("company", [indexHost, mirrorHost]);
  const login = { username: "alice", password: `p~${randomUUID()}` };
  const asked: string[] = [];
  const pair = { cert: await readFile(certificateFile), key: await readFile(keyFile) };
  const servers = https.createServer(pair, answerAs(packageIndex(login), asked));
  await listen(servers, "127.0.0.1");
  const proxy = createProxy(portOf(servers));
  await listen(proxy, address);
  const proxies = { default: { httpsProxy: `http://${address}:${portOf(proxy)}` } };
  const settings = join(folder, "settings");
  await mkdir(settings);
  await writeFile(join(settings, "config.json"), JSON.stringify({ proxies }));
  const mark = `mark-${randomUUID()}`;
  const caCertificates = join(folder, "ca.pem");
  await writeFile(
    caCertificates,
    [await readTrusted(), await readFile(authority.certificateFile), `# ${mark}\n`].join("\n"),
  );
  return {
    environment: { DOCKER_CONFIG: settings },
    login,
    netrc: `machine ${indexHost}\nlogin ${login.username}\npassword ${login.password}\n`,
    caCertificates,
    mark,
    asked,
    stop: async () => {
      await Promise.all([close(proxy), close(servers)]);
    },
  };
}

async function readTrusted(): Promise<string> {
  const own = process.env.SSL_CERT_FILE ?? process.env.NODE_EXTRA_CA_CERTS;
  return [own === undefined ? "" : await readFile(own, "utf8"), ...rootCertificates].join("\n");
}

function answerAs(index: http.RequestListener, asked: string[]): http.RequestListener {
  return (request, response) => {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "");
    asked.push(`${host}${request.url}`);
    if (host === indexHost) index(request, response);
    else mirror(request, response);
  };
}

function mirror(request: http.IncomingMessage, response: http.ServerResponse): void {
  const onward = http.get(`http:/${request.url}`, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
}

/** Leads to the company's own servers, and to all others of the world. */
function createProxy(ownPort: number): http.Server {
  const proxy = http.createServer((_, response) => response.writeHead(405).end());
  proxy.on("connect", (request: http.IncomingMessage, client) => {
    const [host = "", port = "443"] = (request.url ?? "").split(":");
    const isOwn = [indexHost, mirrorHost].includes(host);
    const server = isOwn ? connect(ownPort, "127.0.0.1") : connect(Number(port), host);
    server.once("connect", () => client.write("HTTP/1.1 200 Connection Established\r\n\r\n"));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  });
  return proxy;
}

function listen(server: http.Server, address: string): Promise<void> {
  return new Promise((resolve) => server.listen(0, address, resolve));
}

async function close(server: http.Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
