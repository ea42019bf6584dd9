import { type Answer, jsonAnswer } from "../http/answer.ts";
import { ProtocolError } from "../http/protocol-error.ts";
import type { Methods, RegistryRequest } from "../http/registry-request.ts";
import type { Route } from "../http/route.ts";
import { blobMethods } from "./blob-endpoints.ts";
import { catalogMethods, referrersMethods, tagsMethods } from "./list-endpoints.ts";
import { manifestMethods } from "./manifest-endpoints.ts";
import type { RegistryService } from "./service.ts";
import { uploadMethods, uploadsMethods } from "./upload-endpoints.ts";

/**
 * Answers by the OCI distribution specification.
 *
 * @throws ProtocolError for everything that is answered as an error
 */
export async function dispatch(
  service: RegistryService,
  route: Route,
  request: RegistryRequest,
): Promise<Answer> {
  return await runMethod(methodsOf(service, route), request);
}

/** @throws ProtocolError UNSUPPORTED where the path lacks the method, and what the method throws */
export async function runMethod(methods: Methods, request: RegistryRequest): Promise<Answer> {
  const handler = methods[request.method === "HEAD" ? "GET" : request.method];
  if (handler !== undefined) return await handler(request);
  const allowed = Object.keys(methods).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  throw new ProtocolError("UNSUPPORTED", { headers: { Allow: allowed.join(", ") } });
}

function methodsOf(service: RegistryService, route: Route): Methods {
  switch (route.kind) {
    case "base":
      return { GET: () => jsonAnswer(200, {}) };
    case "catalog":
      return catalogMethods(service);
    case "tags":
      return tagsMethods(service, route.name);
    case "uploads":
      return uploadsMethods(service, route.name);
    case "upload":
      return uploadMethods(service, route.name, route.id);
    case "blob":
      return blobMethods(service, route.name, route.reference);
    case "manifest":
      return manifestMethods(service, route.name, route.reference);
    case "referrers":
      return referrersMethods(service, route.name, route.reference);
    case "invalid-name":
      throw new ProtocolError("NAME_INVALID", { detail: { name: route.name } });
    case "token":
    case "unknown":
      throw new ProtocolError("UNSUPPORTED", { status: 404, message: "page not found" });
  }
}
