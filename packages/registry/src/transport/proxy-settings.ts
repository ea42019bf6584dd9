import { BlockList, isIP } from "node:net";
import { isLoopbackHost } from "@imagespec/core";
import { RegistryFault } from "../registry-fault.ts";

/** Variables of a process by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY in either case, read as Go's tools (docker, skopeo) read
 * them: NO_PROXY knows `*`, domains with their subdomains, `.domain` for subdomains alone, addresses, CIDR ranges, and a
 * port with each; loopback never goes through a proxy.
 *
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const proxy = variable(environment, url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (proxy === "" || isLoopbackHost(url.hostname) || isExempt(url, variable(environment, "NO_PROXY")))
    return undefined;
  return parseProxy(proxy);
}

function variable(environment: Environment, name: string): string {
  return (environment[name] || environment[name.toLowerCase()] || "").trim();
}

function parseProxy(text: string): URL {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (URL.canParse(full)) return new URL(full);
  throw new RegistryFault("proxy", {
    detail: "the proxy's address is not a URL",
    hint: "HTTPS_PROXY and HTTP_PROXY look like http://proxy.example.com:3128",
  });
}

function isExempt(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const host = bare(url.hostname);
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => covers(entry.toLowerCase(), host, port));
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return isIP(host) !== 0 && isInRange(entry, host);
  const { name, only } = splitPort(entry);
  if (only !== undefined && only !== port) return false;
  if (isIP(name) !== 0) return isIP(host) !== 0 && isInRange(name, host);
  return isIP(host) === 0 && coversDomain(name, host);
}

function coversDomain(entry: string, host: string): boolean {
  const suffix = entry.replace(/^\*(?=\.)/, "").replace(/\.$/, "");
  if (suffix.startsWith(".")) return host.endsWith(suffix);
  return suffix !== "" && (host === suffix || host.endsWith(`.${suffix}`));
}

function splitPort(entry: string): { name: string; only: string | undefined } {
  const groups = /^(?<name>\[[^\]]*\]|[^:]*)(?::(?<port>\d+))?$/.exec(entry)?.groups;
  return groups === undefined
    ? { name: entry, only: undefined }
    : { name: bare(groups.name ?? ""), only: groups.port };
}

function isInRange(range: string, address: string): boolean {
  const [base = "", bits] = range.split("/");
  const network = bare(base);
  const family = isIP(network);
  const size = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
  if (family === 0 || !/^\d*$/.test(bits ?? "") || size > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, size, family === 4 ? "ipv4" : "ipv6");
  return list.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}
