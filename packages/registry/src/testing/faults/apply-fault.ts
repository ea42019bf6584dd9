import { type Answer, emptyAnswer, errorAnswer, textAnswer, withoutHeader } from "../http/answer.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import type { Delivery } from "../http/send-answer.ts";
import { digestOf } from "../store/digest.ts";
import type { ActiveFault } from "./active-fault.ts";
import type { Fault } from "./fault.ts";

const TEN_MEGABYTES = 10_000_000;
const OTHER_DIGEST = digestOf("not what was asked for");

export type Faultless = Readonly<{
  /** The answer that would be given without the fault. */
  answer: () => Promise<Answer>;
  /** Revokes the token that the request carries. */
  revokeToken: () => void;
}>;

/** What is sent under a fault. */
export async function applyFault(active: ActiveFault, faultless: Faultless): Promise<Delivery> {
  const { fault } = active;
  const replaced = replaceAnswer(fault);
  if (replaced !== undefined) return replaced;
  if (fault.kind === "delay") await active.released();
  if (fault.kind === "expired-token") faultless.revokeToken();
  return spoil(fault, await faultless.answer());
}

function replaceAnswer(fault: Fault): Delivery | undefined {
  switch (fault.kind) {
    case "status":
      return { answer: statusAnswer(fault) };
    case "html":
      return {
        answer: textAnswer(
          fault.status ?? 200,
          "text/html; charset=utf-8",
          "<!doctype html><h1>Welcome</h1>",
        ),
      };
    case "rate-limit":
      return { answer: rateLimit(fault.retryAfter) };
    case "redirect":
      return { answer: emptyAnswer(fault.status ?? 307, { Location: fault.location }) };
    case "drop":
      return { answer: emptyAnswer(0), ending: "drop" };
    default:
      return undefined;
  }
}

function statusAnswer(fault: Extract<Fault, { kind: "status" }>): Answer {
  const { status, code = "UNKNOWN", headers = {}, body } = fault;
  if (body !== undefined) return { status, headers, body: Buffer.from(body) };
  const message = fault.message === undefined ? {} : { message: fault.message };
  return errorAnswer(new ProtocolError(code, { status, headers, ...message }));
}

function rateLimit(retryAfter: number | string | undefined): Answer {
  const headers = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
  return errorAnswer(new ProtocolError("TOOMANYREQUESTS", { headers }));
}

function spoil(fault: Fault, answer: Answer): Delivery {
  switch (fault.kind) {
    case "cut":
      return { answer, ending: fault.afterBytes ?? Math.floor((answer.body?.length ?? 0) / 2) };
    case "wrong-digest":
      return { answer: withHeaders(answer, { "Docker-Content-Digest": fault.digest ?? OTHER_DIGEST }) };
    case "headers":
      return { answer: withHeaders(answer, fault.headers) };
    case "missing-headers":
      return { answer, omit: fault.names };
    case "huge-headers":
      return { answer: withHeaders(answer, { "X-Padding": "x".repeat(fault.bytes ?? TEN_MEGABYTES) }) };
    case "endless-body":
      return { answer, ending: "never" };
    default:
      return { answer };
  }
}

function withHeaders(answer: Answer, added: Answer["headers"]): Answer {
  const kept = Object.keys(added).reduce(withoutHeader, answer.headers);
  return { ...answer, headers: { ...kept, ...added } };
}
