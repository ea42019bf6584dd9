import { Code, ConnectError } from "@connectrpc/connect";
import { ImageSpecError } from "@imagespec/core";

type Explanation = Readonly<{ code: string; hint: string }>;

const explanations: Partial<Record<Code, Explanation>> = {
  [Code.Unauthenticated]: {
    code: "UNION_SIGN_IN_FAILED",
    hint: "the credentials are wrong, expired or revoked: set FLYTE_API_KEY to a new key, or sign in again",
  },
  [Code.PermissionDenied]: {
    code: "UNION_NOT_ALLOWED",
    hint: "ask the administrator of your organisation for the right to run tasks in this project and domain",
  },
  [Code.NotFound]: {
    code: "UNION_NOT_FOUND",
    hint: "check task.project and task.domain of the configuration, or builderOptions.union",
  },
  [Code.Unavailable]: {
    code: "UNION_UNREACHABLE",
    hint: "check admin.endpoint and the network, then run it again",
  },
  [Code.DeadlineExceeded]: {
    code: "UNION_UNREACHABLE",
    hint: "the server does not answer in time: run it again",
  },
  [Code.Unimplemented]: {
    code: "UNION_ENDPOINT_WRONG",
    hint: "what answers there does not speak Union's protocol: check admin.endpoint",
  },
  [Code.Unknown]: {
    code: "UNION_ENDPOINT_WRONG",
    hint: "what answers there does not speak Union's protocol: check admin.endpoint and any proxy before it",
  },
};

const fallback: Explanation = {
  code: "UNION_CALL_FAILED",
  hint: "run it again; the server's message says why it failed",
};

/** Queries of URLs hold signatures, and servers quote URLs. */
export function withoutQueries(text: string): string {
  return text.replace(/(\bhttps?:\/\/[^\s?"']+)\?[^\s"']+/gi, "$1?***");
}

const untrusted: Explanation = {
  code: "UNION_CERTIFICATE_UNTRUSTED",
  hint: "name the authority's certificate in admin.caCertFilePath of the configuration of Union",
};

const notEncrypted: Explanation = {
  code: "UNION_ENDPOINT_WRONG",
  hint: "what answers there speaks no TLS: check the port of admin.endpoint, or set admin.insecure for a server in plain text",
};

/** What is known of a failed connection only by its words. */
function explainConnection(fault: ConnectError): Explanation | undefined {
  if (isUntrusted(fault)) return untrusted;
  return /wrong version number|packet length too long|EPROTO/i.test(fault.rawMessage)
    ? notEncrypted
    : undefined;
}

/** The RPC library wraps what is thrown on the way to a server. */
function ownError(error: unknown): ImageSpecError | undefined {
  if (ImageSpecError.isInstance(error)) return error;
  return error instanceof ConnectError && ImageSpecError.isInstance(error.cause) ? error.cause : undefined;
}

/** The connection was refused by us, because of the server's certificate. */
export function isUntrusted(error: unknown): boolean {
  const fault = ConnectError.from(error);
  return fault.cause !== undefined && /certificate|self-signed|altname/i.test(fault.rawMessage);
}

/** What went wrong in a call as an error of ours; one of ours stays as it is. */
export function asUnionError(error: unknown, doing: string): ImageSpecError {
  const own = ownError(error);
  if (own) return own;
  const fault = ConnectError.from(error);
  const { code, hint } = explainConnection(fault) ?? explanations[fault.code] ?? fallback;
  const reason = withoutQueries(fault.rawMessage).slice(0, 2000);
  return new ImageSpecError(code, `${doing}: ${reason}`, { hint });
}

/** The code of a failed call; undefined for an error of ours. */
export function codeOf(error: unknown): Code | undefined {
  return ownError(error) ? undefined : ConnectError.from(error).code;
}
