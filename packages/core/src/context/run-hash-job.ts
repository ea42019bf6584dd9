import { createHash } from "node:crypto";
import fs from "node:fs";
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { identityWords } from "./file-identity.ts";
import { type HashFault, type HashJob, hashFiles } from "./hash-job.ts";
import { createReadBuffer } from "./read-buffer.ts";

/** Below this many bytes a worker is not ready before the work is done. */
const worthWorkers = 48 * 1024 * 1024;
const mostWorkers = 8;
const bufferSize = 128 * 1024;
/** Milliseconds of hashing after which others get a turn. */
const turn = 40;

// esbuild, told to keep names, calls a helper of that name in what it compiles.
const workerText = `
const __name = (value) => value;
const { parentPort, workerData } = require("node:worker_threads");
const fs = require("node:fs");
const { createHash } = require("node:crypto");
const hashFiles = ${hashFiles};
const buffer = (${createReadBuffer})(${bufferSize});
parentPort.postMessage(hashFiles({ fs, createHash, buffer }, { job: workerData, until: Infinity }));
`;

function stop(job: HashJob): void {
  Atomics.store(job.control, 1, 1);
}

async function runHere(job: HashJob): Promise<HashFault | undefined> {
  const buffer = createReadBuffer(bufferSize);
  while (job.control[0]! < job.paths.length && job.control[1] === 0) {
    const fault = hashFiles({ fs, createHash, buffer }, { job, until: performance.now() + turn });
    if (fault) return fault;
    await setImmediate();
  }
  return undefined;
}

async function answerOf(worker: Worker): Promise<HashFault | undefined> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve).once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a hashing thread ended with code ${code}`)));
  });
}

async function runInWorkers(job: HashJob, count: number): Promise<HashFault | undefined> {
  const { Worker } = await import("node:worker_threads");
  const options = { eval: true, workerData: job, execArgv: [] };
  const workers = Array.from({ length: count }, () => new Worker(workerText, options));
  const answers = workers.map(async (worker) => {
    const fault = await answerOf(worker);
    if (fault) stop(job);
    return fault;
  });
  try {
    return (await Promise.all(answers)).find((fault) => fault !== undefined);
  } finally {
    stop(job);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function totalSize({ paths, identities }: HashJob): number {
  return paths.reduce((sum, _, index) => sum + Number(identities[index * identityWords + 2]), 0);
}

/**
 * Hashes every file of a job: a small one on this thread, a big one on as many threads as there are cores. Returns the
 * first read that failed; the rest of the job is then left.
 */
export async function runHashJob(
  job: HashJob,
  signal: AbortSignal | undefined,
): Promise<HashFault | undefined> {
  const onAbort = (): void => stop(job);
  signal?.addEventListener("abort", onAbort);
  try {
    const count = Math.min(availableParallelism(), job.paths.length, mostWorkers);
    return await (totalSize(job) < worthWorkers ? runHere(job) : runInWorkers(job, count));
  } finally {
    signal?.removeEventListener("abort", onAbort);
    signal?.throwIfAborted();
  }
}
