import { ActionPhase } from "@flyteorg/flyteidl2/flyteidl2/common/phase_pb.ts";

/** The message types are older than the servers, which know one phase more. */
const RECOVERED = 10;

const names: Readonly<Record<number, string>> = {
  [ActionPhase.QUEUED]: "queued",
  [ActionPhase.WAITING_FOR_RESOURCES]: "waiting for resources",
  [ActionPhase.INITIALIZING]: "initializing",
  [ActionPhase.RUNNING]: "running",
  [ActionPhase.SUCCEEDED]: "succeeded",
  [ActionPhase.FAILED]: "failed",
  [ActionPhase.ABORTED]: "aborted",
  [ActionPhase.TIMED_OUT]: "timed out",
  [ActionPhase.PAUSED]: "paused",
  [RECOVERED]: "recovered",
};

export function phaseName(phase: number): string {
  return names[phase] ?? `phase ${phase}`;
}

export function isSuccess(phase: number): boolean {
  return phase === ActionPhase.SUCCEEDED || phase === RECOVERED;
}

export function isTerminal(phase: number): boolean {
  return isSuccess(phase) || (phase >= ActionPhase.FAILED && phase <= ActionPhase.TIMED_OUT);
}
