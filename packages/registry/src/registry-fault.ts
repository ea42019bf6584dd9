/** What is known about a fault beside its reason. Texts hold no secrets. */
export type FaultDetails = Readonly<{
  detail: string;
  hint?: string | undefined;
  /** Asking again may help. */
  transient?: boolean | undefined;
  /** No connection, or no TLS on it, came about. */
  unconnected?: boolean | undefined;
  cause?: unknown;
}>;

/** Why a question could not be answered: thrown inside this package, and given to callers as an `unknown` verdict. */
export class RegistryFault extends Error {
  readonly reason: string;
  readonly hint: string | undefined;
  readonly transient: boolean;
  readonly unconnected: boolean;

  constructor(reason: string, { detail, hint, transient = false, unconnected = false, cause }: FaultDetails) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = "RegistryFault";
    this.reason = reason;
    this.hint = hint;
    this.transient = transient;
    this.unconnected = unconnected;
  }
}
