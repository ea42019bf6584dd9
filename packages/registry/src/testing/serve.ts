import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { requiredAccess } from "./auth/access.ts";
import type { Authority } from "./auth/authority.ts";
import { readBearer } from "./auth/guard.ts";
import { dispatch, runMethod } from "./endpoints/dispatch.ts";
import type { RegistryService } from "./endpoints/service.ts";
import { applyFault } from "./faults/apply-fault.ts";
import type { FaultRules } from "./faults/fault-rules.ts";
import { type Answer, errorAnswer } from "./http/answer.ts";
import { ProtocolError } from "./http/protocol-error.ts";
import { type RegistryRequest, readRequest } from "./http/registry-request.ts";
import { parseRoute } from "./http/route.ts";
import { type Delivery, sendAnswer } from "./http/send-answer.ts";
import type { RequestLog } from "./request-log.ts";

export type ServeOptions = Readonly<{
  authority: Authority;
  faults: FaultRules;
  log: RequestLog;
  service: RegistryService;
}>;

/** Handles requests of a server: logs each, meets it with its fault, and answers. */
export function serve(options: ServeOptions): RequestListener {
  return (message, response) => {
    exchange(options, message, response).catch((error: unknown) => fail(response, error));
  };
}

/** For what a rule of the test's own made impossible to send, as a header with a line break. */
function fail(response: ServerResponse, error: unknown): void {
  const body = Buffer.from(String(error));
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { "Content-Length": body.length }).end(body);
}

async function exchange(
  options: ServeOptions,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [entry, setStatus] = options.log.add(message);
  const request = readRequest(message, "encrypted" in message.socket ? "https" : "http");
  const fault = options.faults.find(entry);
  const answer = (): Promise<Answer> => answerRequest(options, request);
  const revokeToken = (): void => options.authority.tokens?.revoke(readBearer(request) ?? "");
  const delivery: Delivery = fault
    ? await applyFault(fault, { answer, revokeToken })
    : { answer: await answer() };
  if (!response.destroyed) setStatus(delivery.answer.status);
  await sendAnswer(response, delivery);
}

async function answerRequest(options: ServeOptions, request: RegistryRequest): Promise<Answer> {
  try {
    return await admit(options, request);
  } catch (error) {
    return errorAnswer(error instanceof ProtocolError ? error : unexpected(error));
  }
}

/** Also what a client sees of a fault in the registry itself, so that a test does not pass by it. */
function unexpected(error: unknown): ProtocolError {
  return new ProtocolError("UNKNOWN", { message: String(error) });
}

async function admit({ authority, service }: ServeOptions, request: RegistryRequest): Promise<Answer> {
  const route = parseRoute(request.path);
  if (route.kind === "token" && authority.tokenMethods)
    return await runMethod(authority.tokenMethods, request);
  authority.guard(request, requiredAccess(request.method, route, request.query));
  return await dispatch(service, route, request);
}
