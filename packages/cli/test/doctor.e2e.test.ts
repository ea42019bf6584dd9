import { beforeAll, describe, expect, inject, it } from "vitest";
import { startAnsweringServer } from "./support/answering-server.ts";
import { type Ended, ensureCommand, runCommand } from "./support/command.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const { dockerHost, registry } = inject("services");

beforeAll(ensureCommand);

async function doctor(
  files: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const cwd = temporaryFolder(files);
  return runCommand(["doctor"], { cwd, environment: { DOCKER_HOST: dockerHost, ...environment } });
}

const spec = (host: string): Readonly<Record<string, string>> => ({
  "image.yaml": `registry: ${host}/team\nname: app\n`,
});

describe("imagespec doctor", () => {
  it("finds nothing where all is well", async () => {
    const { stdout, stderr } = await doctor(spec(registry));
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^ok +docker +\S/m);
    expect(stdout).toContain(`${registry}  `);
    expect(stdout).toMatch(/ answers over http$/m);
    expect(stdout).toMatch(/\/team\/app +can be pushed to, without a login$/m);
    expect(stdout).toMatch(/disk +.* free at /);
  });

  it("needs no spec", async () => {
    const { stdout } = await doctor({});
    expect(stdout).toMatch(/^ok +docker /m);
  });

  it("names an engine that is not there, with its remedy", async () => {
    const { code, stdout } = await doctor({}, { DOCKER_HOST: "unix:///nowhere/docker.sock" });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fault +docker +.*\n +hint: /m);
  });

  it("names a spec that is wrong, and looks at the rest all the same", async () => {
    const { code, stdout } = await doctor({ "image.yaml": "pakages: []" });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fault +image\.yaml +unknown field "pakages"\n +hint: did you mean packages\?/m);
    expect(stdout).toMatch(/^ok +docker /m);
  });

  it("names a registry that is not there", async () => {
    const { code, stdout } = await doctor(spec("127.0.0.1:1"));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fault +127\.0\.0\.1:1 +refused: .*\n +hint: /m);
  });

  it("names a push that is denied, the login's source, and never the login", async () => {
    const host = await startAnsweringServer((request, response) => {
      const wanted = request.headers.authorization !== undefined || request.url === "/v2/";
      if (!wanted) response.setHeader("www-authenticate", 'Basic realm="test"');
      response.writeHead(wanted ? (request.method === "GET" ? 200 : 403) : 401).end();
    });
    const login = Buffer.from("me:planted-secret").toString("base64");
    const config = JSON.stringify({ auths: { [host]: { auth: login } } });
    const { code, stdout, stderr } = await doctor({ ...spec(host), ".docker/config.json": config });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fault +\S+\/team\/app +.* 403 .*\.docker\/config\.json/m);
    expect(stdout).toMatch(/^ +hint: .* may not push there/m);
    expect(stdout + stderr).not.toMatch(new RegExp(`planted-secret|${login}`));
  });

  it("names a login whose helper is not installed", async () => {
    const host = await startAnsweringServer((_request, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
    });
    const config = JSON.stringify({ credHelpers: { [host]: "none-such" } });
    const { code, stdout } = await doctor({ ...spec(host), ".docker/config.json": config });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fault +\S+\/team\/app +.*docker-credential-none-such.*\n +hint: /m);
  });

  it("names a clock that is wrong", async () => {
    const host = await startAnsweringServer((_request, response) => {
      response.setHeader("date", new Date(Date.now() + 3_600_000).toUTCString());
      response.writeHead(200).end();
    });
    const { code, stdout } = await doctor(spec(host));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fault +clock +this machine's clock is \d+ s behind .*\n +hint: timedatectl/m);
  });
});
