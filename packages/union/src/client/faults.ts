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

/** What went wrong in a call as an error of ours; one of ours stays as it is. */
export function asUnionError(error: unknown, doing: string): ImageSpecError {
  if (ImageSpecError.isInstance(error)) return error;
  const fault = ConnectError.from(error);
  const { code, hint } = explanations[fault.code] ?? fallback;
  const reason = withoutQueries(fault.rawMessage).slice(0, 2000);
  return new ImageSpecError(code, `${doing}: ${reason}`, { hint });
}

export function codeOf(error: unknown): Code | undefined {
  return ImageSpecError.isInstance(error) ? undefined : ConnectError.from(error).code;
}
