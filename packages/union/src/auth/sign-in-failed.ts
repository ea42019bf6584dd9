import { ImageSpecError } from "@imagespec/core";

/** For a reason that holds no secret. */
export function signInFailed(reason: string): ImageSpecError {
  return new ImageSpecError("UNION_SIGN_IN_FAILED", reason, {
    hint: "the credentials are wrong, expired or revoked: set FLYTE_API_KEY to a new key, or sign in again",
  });
}

/** For a flow that waits for somebody where nobody is. */
export function needsPerson(flow: string): ImageSpecError {
  return new ImageSpecError(
    "UNION_SIGN_IN_NEEDED",
    `somebody has to sign in (${flow}), and nobody is there`,
    {
      hint: "run it in a terminal once, or set FLYTE_API_KEY or UNION_API_KEY, or admin.authType ClientSecret or ExternalCommand",
    },
  );
}
