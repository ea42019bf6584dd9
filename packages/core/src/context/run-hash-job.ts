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
/** What this thread hashes while workers do: no file of it keeps others waiting. */
const smallFile = 1024 * 1024;
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
parentPort.postMessage(hashFiles({ fs, createHash, buffer }, { job: workerData, until: Infinity, most: Infinity }));
`;

function stop(job: HashJob): void {
  Atomics.store(job.control, 1, 1);
}

function taken({ control }: HashJob): number {
  return control[2]! + control[3]!;
}

/** Hashes on this thread, in turns, until nothing is left that it may take. */
async function runHere(job: HashJob, most: number): Promise<HashFault | undefined> {
  const buffer = createReadBuffer(bufferSize);
  for (let before = -1; before < taken(job) && job.control[1] === 0; ) {
    before = taken(job);
    const fault = hashFiles({ fs, createHash, buffer }, { job, until: performance.now() + turn, most });
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

/** Stops all threads as soon as one has a fault. */
async function stopAtFault(
  job: HashJob,
  answer: Promise<HashFault | undefined>,
): Promise<HashFault | undefined> {
  const fault = await answer;
  if (fault) stop(job);
  return fault;
}

async function runInWorkers(job: HashJob, count: number): Promise<HashFault | undefined> {
  const { Worker } = await import("node:worker_threads");
  const options = { eval: true, workerData: job, execArgv: [] };
  const workers = Array.from({ length: count }, () => new Worker(workerText, options));
  const answers = [...workers.map(answerOf), runHere(job, smallFile)];
  try {
    const faults = await Promise.all(answers.map((answer) => stopAtFault(job, answer)));
    return faults.find((fault) => fault !== undefined);
  } finally {
    stop(job);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function sizes({ paths, identities }: HashJob): number[] {
  return paths.map((_, index) => Number(identities[index * identityWords + 2]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** This thread takes small files; where there are not enough of them, a worker does its part. */
function workersFor(all: readonly number[]): number {
  const cores = Math.min(availableParallelism(), mostWorkers);
  const small = sum(all.filter((size) => size <= smallFile));
  return Math.min(small * cores >= sum(all) ? Math.max(1, cores - 1) : cores, all.length);
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
    const all = sizes(job);
    return await (sum(all) < worthWorkers ? runHere(job, Infinity) : runInWorkers(job, workersFor(all)));
  } finally {
    signal?.removeEventListener("abort", onAbort);
    signal?.throwIfAborted();
  }
}
