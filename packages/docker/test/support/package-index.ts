import { createHash } from "node:crypto";
import type { RequestListener } from "node:http";
import { DEFAULT_INDEX } from "../../src/engine/uv/fetch-uv.ts";
import { makeWheel } from "./make-wheel.ts";

const SIMPLE = "/simple/";

/** What the projects in `examples` take from their company's index: one package is there for arm64 alone. */
const wheels = [
  { name: "company_metrics", version: "1.0", tag: "py3-none-any", module: "NAME = 'metrics'\n" },
  { name: "check_style", version: "1.0", tag: "py3-none-any", module: "NAME = 'style'\n" },
  { name: "fast_math", version: "1.0", tag: "py3-none-manylinux_2_17_aarch64", module: "NAME = 'fast'\n" },
].map(makeWheel);

export type IndexLogin = Readonly<{ username: string; password: string }>;

/** An index of Python packages as companies have them (PEP 503), for those with its login. What it has not, the open one has. */
export function packageIndex({ username, password }: IndexLogin): RequestListener {
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return (request, response) => {
    if (request.headers.authorization !== wanted) {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="company"' }).end();
      return;
    }
    const url = request.url ?? "";
    const body = bodyOf(url);
    if (body === undefined && url.startsWith(SIMPLE)) {
      response.writeHead(302, { Location: `${DEFAULT_INDEX}/${url.slice(SIMPLE.length)}` }).end();
      return;
    }
    const type = typeof body === "string" ? "text/html" : "application/octet-stream";
    response.writeHead(body === undefined ? 404 : 200, { "Content-Type": type }).end(body);
  };
}

function bodyOf(url: string): string | Buffer | undefined {
  const file = wheels.find((wheel) => url === `/files/${wheel.file}`);
  if (file !== undefined) return file.bytes;
  if (!url.startsWith(SIMPLE)) return undefined;
  const name = url.slice(SIMPLE.length).replace(/\/$/, "").replaceAll("-", "_");
  const found = wheels.filter((wheel) => wheel.file.startsWith(`${name}-`));
  return found.length === 0 ? undefined : found.map(linkTo).join("\n");
}

function linkTo({ file, bytes }: Readonly<{ file: string; bytes: Buffer }>): string {
  const digest = createHash("sha256").update(bytes).digest("hex");
  return `<a href="/files/${file}#sha256=${digest}">${file}</a>`;
}
