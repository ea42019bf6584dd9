import type { Executor } from "./executor.ts";
import type { AuthOptions } from "./oauth.ts";
import type { BackendState } from "./state.ts";

/** How a backend differs from one on which all is well. Read at each call, so tests may change it. */
export type Behaviour = {
  /** What SelectCluster says. `second`: the other listener. */
  cluster: "empty" | "same" | "second" | "unimplemented";
  /** The organisation has the task that builds images. */
  enabled: boolean;
  uploadInputs: "offload" | "unimplemented";
  /**
   * What a stream does after its first message. `drop`: an error after 200 ms; `end`: a clean end; `silent`: nothing
   * more; `mute`: not even the first message; `refuse`: an error at once.
   */
  watch: "follow" | "drop" | "end" | "silent" | "mute" | "refuse";
  /** Phase that a run ends in, in place of success. */
  ending: number | undefined;
  outputs: "named" | "two" | "missing" | "late";
  /** The reason of a failure is told this many questions late; infinity: never. */
  reasonAfter: number;
  /** A run waits in phase PAUSED for a moment. */
  pause: boolean;
  /** The run is made, and the answer to that comes when nobody waits for it any more. */
  createLate: boolean;
  /** For this many questions there are no logs. */
  logsMissing: number;
  /** Seconds that signed URLs last. */
  signedFor: number;
};

export const healthy: Behaviour = {
  cluster: "empty",
  enabled: true,
  uploadInputs: "offload",
  watch: "follow",
  ending: undefined,
  outputs: "named",
  reasonAfter: 0,
  pause: false,
  createLate: false,
  logsMissing: 0,
  signedFor: 60,
};

export type ServiceOptions = Readonly<{
  state: BackendState;
  behaviour: Behaviour;
  executor: Executor;
  auth: AuthOptions | undefined;
  /** Where this backend is reached: its own address, the other listener's, and the store's. */
  addresses: () => Readonly<{ main: string; second: string; origin: string }>;
}>;
