import { createPrivateKey, type KeyObject, randomUUID, sign, X509Certificate } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createCertificateAuthority } from "./certificates.ts";
import { createServiceDirectory } from "./service.ts";

export type TokenRequest = Readonly<{
  method: string;
  service: string | undefined;
  scopes: readonly string[];
  /** Who asked, when the credentials were right. */
  user: string | undefined;
}>;

export type TokenServerOptions = Readonly<{
  /** User → password. Wrong credentials are answered 401. */
  users?: Readonly<Record<string, string>>;
  /** The actions someone gets on a repository; default: users all that they ask for, others none. */
  allow?: (user: string | undefined, repository: string) => readonly string[];
  /** Seconds a token lives; default 300. */
  expiresIn?: number;
}>;

export type TokenServer = Readonly<{
  /** The realm. */
  url: string;
  /** What was asked, oldest first. */
  requests: readonly TokenRequest[];
  /** The `auth.token` section of a registry's configuration. */
  registryAuth: Readonly<{ realm: string; service: string; issuer: string; rootcertbundle: string }>;
  stop(): Promise<void>;
}>;

type Signer = Readonly<{ key: KeyObject; chain: readonly string[] }>;

const service = "test-registry";
const issuer = "test-issuer";

/** A server of bearer tokens as distribution's token authentication wants them, signed for real (ES256 with x5c). */
export async function startTokenServer(options: TokenServerOptions = {}): Promise<TokenServer> {
  const directory = createServiceDirectory("token-server");
  const authority = await createCertificateAuthority(directory);
  const signer = await createSigner(await authority.issue("signer"));
  const requests: TokenRequest[] = [];
  const server = createServer((request, response) => {
    answer(request, { options, signer, requests }).then(
      ([status, body]) => respond(response, status, body),
      (error: unknown) => respond(response, 500, { errors: [{ code: "UNKNOWN", message: String(error) }] }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  };
  const registryAuth = { realm: url, service, issuer, rootcertbundle: join(directory, "ca.pem") };
  return { url, requests, registryAuth, stop };
}

async function createSigner(files: Readonly<{ certificateFile: string; keyFile: string }>): Promise<Signer> {
  const certificate = new X509Certificate(await readFile(files.certificateFile));
  const key = createPrivateKey(await readFile(files.keyFile));
  return { key, chain: [certificate.raw.toString("base64")] };
}

type Context = Readonly<{ options: TokenServerOptions; signer: Signer; requests: TokenRequest[] }>;
type Answer = readonly [status: number, body: object];

async function answer(request: IncomingMessage, context: Context): Promise<Answer> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const fields = request.method === "POST" ? new URLSearchParams(await text(request)) : url.searchParams;
  const credentials = basicCredentials(request) ?? formCredentials(fields);
  const { users = {} } = context.options;
  if (credentials !== undefined && users[credentials.user] !== credentials.password) {
    return [401, { errors: [{ code: "UNAUTHORIZED", message: "incorrect username or password" }] }];
  }
  const asked = {
    method: request.method ?? "GET",
    service: fields.get("service") ?? undefined,
    scopes: fields.getAll("scope").flatMap((scope) => scope.split(" ")),
    user: credentials?.user,
  };
  context.requests.push(asked);
  return [200, grant(asked, context)];
}

type Credentials = Readonly<{ user: string; password: string }>;

function basicCredentials(request: IncomingMessage): Credentials | undefined {
  const encoded = /^Basic (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [user = "", ...password] = Buffer.from(encoded, "base64").toString().split(":");
  return { user, password: password.join(":") };
}

function formCredentials(fields: URLSearchParams): Credentials | undefined {
  const user = fields.get("username");
  return user === null ? undefined : { user, password: fields.get("password") ?? "" };
}

function grant(asked: TokenRequest, { options, signer }: Context): object {
  const expiresIn = options.expiresIn ?? 300;
  const now = Math.floor(Date.now() / 1000);
  const access = asked.scopes.flatMap((scope) => allowed(scope, asked.user, options));
  const claims = {
    iss: issuer,
    sub: asked.user ?? "",
    aud: service,
    iat: now,
    nbf: now - 5,
    exp: now + expiresIn,
  };
  const token = signToken({ ...claims, jti: randomUUID(), access }, signer);
  const issuedAt = new Date(now * 1000).toISOString();
  return { token, access_token: token, expires_in: expiresIn, issued_at: issuedAt };
}

function allowed(scope: string, user: string | undefined, options: TokenServerOptions): readonly object[] {
  const match = /^([^:]+):(.+):([^:]*)$/.exec(scope);
  if (match === null) return [];
  const [, type, name = "", list = ""] = match;
  const asked = list.split(",");
  const granted = options.allow?.(user, name) ?? (user === undefined ? [] : asked);
  return [{ type, name, actions: asked.filter((action) => granted.includes(action)) }];
}

function signToken(claims: object, { key, chain }: Signer): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const content = `${encode({ typ: "JWT", alg: "ES256", x5c: chain })}.${encode(claims)}`;
  const signature = sign("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" });
  return `${content}.${signature.toString("base64url")}`;
}

function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
