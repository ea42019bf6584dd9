import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type PlainServer, plainServer } from "./test-support/plain-server.ts";
import { basic, privateClient } from "./test-support/private-client.ts";

type Recorded = Readonly<{
  registry: string;
  case: string;
  source: string;
  /** Absent: the registry asks for no login. */
  challenge?: string;
  unauthorized?: string;
  unauthorizedType?: string;
  tokenStatus?: number;
  tokenBody?: string;
  headStatus?: number;
  status?: number;
  type?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  verdict?: string;
  verdictWithLogin?: string;
}>;

const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(new URL("../testdata/registry-answers.json", import.meta.url), "utf8"),
);

/** A server that answers as was recorded; realms that are URLs of token servers name itself. */
function play(answers: Recorded): Promise<PlainServer> {
  return plainServer(({ method, url = "", headers }, response) => {
    const here = (header: string): string =>
      header.replace(/(Bearer realm=")https:\/\/[^/"]+/, `$1http://${headers.host}`);
    const say = (status: number, fields: Readonly<Record<string, string>>, body = ""): void =>
      void response.writeHead(status, fields).end(method === "HEAD" ? undefined : body);
    const realm = /^Bearer realm="https:\/\/[^/]+(?<path>[^"]+)"/.exec(answers.challenge ?? "")?.groups?.path;
    if (realm !== undefined && url.startsWith(`${realm}?`))
      return say(answers.tokenStatus ?? 200, {}, answers.tokenBody ?? '{"token":"granted"}');
    if (answers.challenge !== undefined && headers.authorization === undefined) {
      const type = answers.unauthorizedType ?? "application/json";
      return say(
        401,
        { "www-authenticate": here(answers.challenge), "content-type": type },
        answers.unauthorized,
      );
    }
    const status = (method === "HEAD" ? answers.headStatus : undefined) ?? answers.status ?? 200;
    const own = Object.entries(answers.headers ?? {}).map(([name, value]) => [name, here(value)]);
    say(
      status,
      { "content-type": answers.type ?? "application/json", ...Object.fromEntries(own) },
      answers.body,
    );
  });
}

async function verdictOf(answers: Recorded, login: boolean): Promise<string> {
  const server = await play(answers);
  const client = privateClient(login ? { credentials: basic("me", "pw") } : {});
  const existence = await client.exists(`${server.host}/org/app:v1`);
  return existence.verdict === "unknown" ? existence.reason : existence.verdict;
}

describe("as recorded", () => {
  const without = recorded.filter(({ verdict }) => verdict !== undefined);
  const withLogin = recorded.filter(({ verdictWithLogin }) => verdictWithLogin !== undefined);

  it.each(without)("$registry: $case ($verdict)", async (answers) => {
    expect(await verdictOf(answers, false)).toBe(answers.verdict);
  });

  it.each(withLogin)("$registry, with a login: $case ($verdictWithLogin)", async (answers) => {
    expect(await verdictOf(answers, true)).toBe(answers.verdictWithLogin);
  });

  it("every registry that people use, each with its source", () => {
    expect([...new Set(recorded.map(({ registry }) => registry))].sort()).toEqual([
      "ACR",
      "Artifactory",
      "Docker Hub",
      "ECR",
      "GHCR",
      "GitLab",
      "Gitea",
      "Google Artifact Registry",
      "Harbor",
      "Nexus",
      "Quay",
    ]);
    expect(recorded.every(({ source }) => source.startsWith("https://"))).toBe(true);
  });
});
