import { setMaxListeners } from "node:events";

/** A signal that is aborted with any of these. As many may listen to it as there are images, without a warning of Node's. */
export function sharedSignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  const shared = AbortSignal.any(signals.filter((signal) => signal !== undefined));
  setMaxListeners(0, shared);
  return shared;
}
