import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { plainServer } from "../test-support/plain-server.ts";
import { privateClient } from "../test-support/private-client.ts";
import { putImage } from "../testing/index.ts";
import { running } from "../testing/test-support/running.ts";

describe.each([
  ["Node's client", false, 1],
  // Its pool counts a connection as busy for a moment after the answer.
  ["undici", true, 2],
])("%s", (_, manyRequests, connections) => {
  it("asks over kept connections, eight at most", async () => {
    const { registry } = await running();
    putImage(registry, "app", { tags: ["v1"] });
    const client = privateClient({ manyRequests, limits: { remember: 0 } });
    for (let count = 0; count < 50; count += 1) await client.exists(`${registry.host}/app:v1`);
    const heads = (): (typeof registry.requests)[number][] =>
      registry.requests.filter(({ method }) => method === "HEAD");
    expect(new Set(heads().map(({ connection }) => connection)).size).toBeLessThanOrEqual(connections);
    const images = Array.from({ length: 200 }, (_unused, index) => `${registry.host}/app:t${index}`);
    await Promise.all(images.map((image) => client.exists(image)));
    expect(new Set(registry.requests.map(({ connection }) => connection)).size).toBeLessThanOrEqual(8);
  });

  it("over TLS with a private authority", async () => {
    const { registry } = await running({ tls: true });
    putImage(registry, "app", { tags: ["v1"] });
    const registries = { [registry.host]: { ca: registry.certificateAuthority } };
    const client = privateClient({ manyRequests, registries });
    expect(await client.exists(`${registry.host}/app:v1`)).toMatchObject({ verdict: "present" });
    expect(await privateClient({ manyRequests }).exists(`${registry.host}/app:v1`)).toMatchObject({
      reason: "tls",
    });
    const insecure = { [registry.host]: { insecure: true } };
    expect(
      await privateClient({ manyRequests, registries: insecure }).exists(`${registry.host}/app:v1`),
    ).toMatchObject({ verdict: "present" });
  });

  it.each<[string, string, Parameters<typeof plainServer>[0]]>([
    [
      "a body that is cut",
      "connection-lost",
      (request, response) => {
        response.writeHead(request.method === "HEAD" ? 404 : 200, { "content-length": "500" });
        response.write("{");
        setImmediate(() => response.destroy());
      },
    ],
    ["a connection that is closed", "connection-lost", (_request, response) => void response.destroy()],
    ["no answer", "timeout", () => undefined],
    [
      "an answer that trickles",
      "timeout",
      (request, response) => {
        if (request.method === "HEAD") return void response.writeHead(404).end();
        const trickle = setInterval(() => response.write(" "), 5);
        response.on("close", () => clearInterval(trickle));
      },
    ],
  ])("%s: %s", async (_name, reason, answer) => {
    const server = await plainServer(answer);
    // Only an answer that never comes meets a limit; on a busy machine no other one may.
    const short = reason === "timeout" ? { headers: 60, total: 120 } : {};
    const client = privateClient({ manyRequests, limits: { ...short, tries: 1 } });
    expect(await client.exists(`${server.host}/app`)).toMatchObject({ reason });
  });

  it("a server that closes kept connections is asked again at once", async () => {
    const { registry } = await running();
    putImage(registry, "app", { tags: ["v1"] });
    const closing = net.createServer((inbound) => {
      const outbound = net.connect(registry.port, "127.0.0.1");
      let answers = 0;
      inbound.on("error", () => outbound.destroy()).on("close", () => outbound.destroy());
      inbound.on("data", (data) => (answers > 0 ? inbound.destroy() : outbound.write(data)));
      outbound
        .on("error", () => inbound.destroy())
        .on("data", (data) => {
          answers += 1;
          inbound.write(data);
        });
    });
    await new Promise<void>((resolve) => closing.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void closing.close());
    const host = `127.0.0.1:${(closing.address() as AddressInfo).port}`;
    const client = privateClient({ manyRequests, limits: { remember: 0, tries: manyRequests ? 3 : 1 } });
    for (let count = 0; count < 4; count += 1)
      expect(await client.exists(`${host}/app:v1`)).toMatchObject({ verdict: "present" });
  });

  it("ends on abort, with the signal's reason", async () => {
    const server = await plainServer(() => controller.abort(new Error("enough")));
    const controller = new AbortController();
    const asked = privateClient({ manyRequests }).exists(`${server.host}/app`, { signal: controller.signal });
    await expect(asked).rejects.toThrow("enough");
    await expect(
      privateClient({ manyRequests }).exists(`${server.host}/app`, { signal: controller.signal }),
    ).rejects.toThrow("enough");
  });
});

describe("behind a proxy", () => {
  async function proxy(login?: string): Promise<{ host: string; seen: string[] }> {
    const seen: string[] = [];
    const server = http.createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.writeHead(500).end();
    });
    server.on("connect", (request, socket, head) => {
      seen.push(`CONNECT ${request.url}`);
      if (login !== undefined && request.headers["proxy-authorization"] !== `Basic ${btoa(login)}`)
        return socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      const target = net.connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        target.write(head);
        target.pipe(socket).pipe(target);
      });
      target.on("error", () => socket.destroy());
      socket.on("error", () => target.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
  }

  it("https goes through CONNECT, with the registry's own authority", async () => {
    const { registry } = await running({ tls: true });
    putImage(registry, "app", { tags: ["v1"] });
    const { host, seen } = await proxy("me:pw");
    const name = `registry.example:${registry.port}`;
    const client = privateClient({
      environment: { HTTPS_PROXY: `http://me:pw@${host}` },
      registries: { [name]: { insecure: true } },
    });
    expect(await client.exists(`${name}/app:v1`)).toMatchObject({ verdict: "present" });
    expect(seen).toEqual([`CONNECT ${name}`]);
  });

  it("loopback does not", async () => {
    const { registry } = await running();
    putImage(registry, "app", { tags: ["v1"] });
    const { host, seen } = await proxy();
    const client = privateClient({ environment: { HTTP_PROXY: host, HTTPS_PROXY: host } });
    expect(await client.exists(`${registry.host}/app:v1`)).toMatchObject({ verdict: "present" });
    expect(seen).toEqual([]);
  });

  it.each([
    ["that wants a login", "http://PROXY"],
    ["that is not there", "http://127.0.0.1:1"],
    ["of another kind", "socks5://127.0.0.1:1"],
  ])("%s: unknown, proxy", async (_, address) => {
    const { host } = await proxy("me:pw");
    const environment = { HTTPS_PROXY: address.replace("PROXY", host) };
    const existence = await privateClient({ environment, limits: { tries: 1 } }).exists(
      "registry.example/app",
    );
    expect(existence).toMatchObject({ verdict: "unknown", reason: "proxy" });
  });
});
