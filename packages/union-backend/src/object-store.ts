import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { BackendState, SignedPut } from "./state.ts";

export type PutAnswer = Readonly<{
  status: number;
  body?: string;
  headers?: Readonly<Record<string, string>>;
  cut?: boolean;
}>;

const xml = (status: number, code: string): PutAnswer => ({
  status,
  body: `<Error><Code>${code}</Code></Error>`,
});

/** What a store that enforces what was signed says to an upload. */
function judge(request: IncomingMessage, body: Buffer, signed: SignedPut | undefined): PutAnswer {
  if (!signed) return xml(403, "SignatureDoesNotMatch");
  const digest = createHash("md5").update(body).digest("base64");
  if (request.headers["content-md5"] !== signed.md5) return xml(400, "InvalidDigest");
  if (digest !== signed.md5) return xml(400, "BadDigest");
  const unmet = Object.entries(signed.headers).filter(
    ([name, value]) => request.headers[name.toLowerCase()] !== value,
  );
  return unmet.length > 0 ? xml(403, "MissingSecurityHeader") : { status: 200 };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, { status, body = "", headers = {} }: PutAnswer): void {
  response.writeHead(status, headers);
  response.end(body);
}

/** Takes what was signed for. `fault` may answer in its place. */
export async function takeObject(
  request: IncomingMessage,
  response: ServerResponse,
  { state, fault }: { state: BackendState; fault: () => PutAnswer | undefined },
): Promise<void> {
  const planned = fault();
  if (planned?.cut) return void request.once("data", () => request.socket.destroy());
  const signed = state.signed.get(request.url ?? "");
  const isLate = signed !== undefined && signed.expiresAt < Date.now();
  const body = await readBody(request);
  const verdict = planned ?? (isLate ? xml(403, "AccessDenied") : judge(request, body, signed));
  if (verdict.status === 200 && signed) state.objects.set(signed.nativeUrl, { bytes: body });
  answer(response, verdict);
}
