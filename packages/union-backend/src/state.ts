import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { RunIdentifier } from "@flyteorg/flyteidl2/flyteidl2/common/identifier_pb.ts";
import { ActionPhase } from "@flyteorg/flyteidl2/flyteidl2/common/phase_pb.ts";
import type { RunSpec } from "@flyteorg/flyteidl2/flyteidl2/task/run_pb.ts";
import {
  type ActionDetails,
  ActionDetailsSchema,
} from "@flyteorg/flyteidl2/flyteidl2/workflow/run_definition_pb.ts";
import type { Job } from "./executor.ts";

/** Something that others wait for to change. */
class Changing {
  #wake: (() => void)[] = [];

  changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async next(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#wake.push(done);
      signal.addEventListener("abort", done);
    });
  }
}

const firstOver = ActionPhase.SUCCEEDED;
const RECOVERED = 10;

/** One run of the task that builds images. */
export class Run extends Changing {
  readonly id: RunIdentifier;
  readonly job: Omit<Job, "log" | "signal">;
  /** What the run was asked for with. */
  readonly spec: RunSpec | undefined;
  readonly abort: AbortController = new AbortController();
  readonly log: string[] = [];
  #phase: number = ActionPhase.QUEUED;
  #failure: ActionDetails["result"] = { case: undefined };
  image: string | undefined;

  constructor(
    id: RunIdentifier,
    { job, spec }: Readonly<{ job: Omit<Job, "log" | "signal">; spec: RunSpec | undefined }>,
  ) {
    super();
    this.id = id;
    this.job = job;
    this.spec = spec;
  }

  get phase(): number {
    return this.#phase;
  }

  get isOver(): boolean {
    return (this.#phase >= firstOver && this.#phase <= ActionPhase.TIMED_OUT) || this.#phase === RECOVERED;
  }

  become(phase: number, reason?: string): void {
    if (this.isOver) return;
    this.#phase = phase;
    if (reason !== undefined) this.#failure = failureOf(phase, reason);
    this.changed();
  }

  addLine(line: string): void {
    this.log.push(line);
    this.changed();
  }

  get details(): ActionDetails {
    const logsAvailable = this.#phase >= ActionPhase.RUNNING;
    return create(ActionDetailsSchema, {
      id: { run: this.id, name: "a0" },
      status: { phase: this.#phase, attempts: 1 },
      result: this.#failure as { case: undefined },
      attempts: [{ phase: this.#phase, attempt: 1, logsAvailable }],
    });
  }
}

function failureOf(phase: number, reason: string): ActionDetails["result"] {
  const value = phase === ActionPhase.ABORTED ? { reason } : { message: reason, kind: 1 };
  const kind = phase === ActionPhase.ABORTED ? "abortInfo" : "errorInfo";
  return { case: kind, value } as unknown as ActionDetails["result"];
}

export type StoredObject = Readonly<{ bytes: Buffer }>;
export type SignedPut = Readonly<{
  nativeUrl: string;
  md5: string;
  headers: Readonly<Record<string, string>>;
  expiresAt: number;
}>;

/** All that a backend knows. */
export class BackendState {
  readonly objects: Map<string, StoredObject> = new Map();
  readonly signed: Map<string, SignedPut> = new Map();
  readonly inputs: Map<string, Readonly<Record<string, string>>> = new Map();
  readonly runs: Map<string, Run> = new Map();
  /** Names of images by the name that they are asked for. */
  readonly images: Map<string, string> = new Map();
  readonly cache: Map<string, Run> = new Map();
  readonly tokens: Set<string> = new Set();
  readonly refreshTokens: Set<string> = new Set();
  /** Codes that a browser brings back. */
  readonly codes: Map<string, Readonly<{ challenge: string; redirectUri: string }>> = new Map();
  /** How often a token was asked for, by device code. */
  readonly devices: Map<string, number> = new Map();
  /** All that the token endpoints were sent. */
  readonly forms: URLSearchParams[] = [];

  newName(): string {
    return `r${randomUUID().replaceAll("-", "").slice(0, 19)}`;
  }

  run(name: string | undefined): Run {
    const run = this.runs.get(name ?? "");
    if (!run) throw new ConnectError(`no run ${name}`, Code.NotFound);
    return run;
  }

  object(nativeUrl: string): Buffer {
    const found = this.objects.get(nativeUrl);
    if (!found) throw new ConnectError(`no object ${nativeUrl}`, Code.NotFound);
    return found.bytes;
  }
}
