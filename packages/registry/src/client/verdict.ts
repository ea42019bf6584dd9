import type { Login } from "../auth/authenticator.ts";

/** What one place says about one reference. Texts hold no secrets. */
export type Verdict = Readonly<
  | { kind: "present"; digest: string | undefined; mediaType: string | undefined; login: Login | undefined }
  | { kind: "absent"; detail: string; login: Login | undefined }
  | UnknownVerdict
>;

export type UnknownVerdict = Readonly<{
  kind: "unknown";
  reason: string;
  detail: string;
  hint: string | undefined;
  login: Login | undefined;
}>;
