import http from "node:http";
import net, { type AddressInfo, type Server } from "node:net";
import tls from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { createCertificateAuthority } from "../testing/index.ts";
import { probeTls } from "./probe-tls.ts";

const authority = createCertificateAuthority();
const { certificate, key } = authority.issue({ name: "server", purpose: "server" });

async function probed(server: Server, limit = 5000, signal = new AbortController().signal): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return probeTls(new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`), limit, signal);
}

describe("what listens", () => {
  it.each<[string, tls.TlsOptions]>([
    ["any version", {}],
    ["TLS 1.2 alone", { maxVersion: "TLSv1.2" }],
    ["TLS 1.3 alone", { minVersion: "TLSv1.3" }],
    ["client certificates", { requestCert: true }],
    ["names of its own alone", { SNICallback: (_, callback) => callback(new Error("unknown")) }],
  ])("TLS, with %s", async (_, options) => {
    expect(await probed(tls.createServer({ cert: certificate, key, ...options }))).toBe("tls");
  });

  it("plain http", async () => {
    expect(await probed(http.createServer())).toBe("plain");
  });

  it("what hangs up, or reads lines first", async () => {
    expect(await probed(net.createServer((socket) => void socket.destroy()))).toBe("plain");
    const lines = net.createServer((socket) =>
      socket.on(
        "data",
        (data) => data.includes("\r\n\r\n") && socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      ),
    );
    expect(await probed(lines)).toBe("plain");
  });

  it("unclear, where nothing is said, nothing listens or nobody waits", async () => {
    const silent = (): Server => net.createServer((socket) => socket.on("error", () => undefined));
    expect(await probed(silent(), 30)).toBe("unclear");
    const controller = new AbortController();
    const waiting = probed(silent(), 5000, controller.signal);
    controller.abort();
    expect(await waiting).toBe("unclear");
    expect(await probeTls(new URL("https://127.0.0.1:1"), 5000, new AbortController().signal)).toBe(
      "unclear",
    );
  });
});
