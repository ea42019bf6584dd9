import { ImageSpecError } from "@imagespec/core";
import { formatError } from "../output/format-error.ts";

/** Seconds; `IMAGESPEC_MODULE_TIMEOUT` is another number of them. */
const defaultPatience = 30;
/** Milliseconds between the signs of life of the thread that runs the module. */
const heartbeat = 250;

/** What the watching thread runs: nothing that happens in it waits for the other one. */
const watch = `
const { workerData: { beats, seconds, text } } = require("node:worker_threads");
const { writeSync } = require("node:fs");
let known = -1;
let since = Date.now();
setInterval(() => {
  const beat = Atomics.load(beats, 0);
  if (beat !== known) [known, since] = [beat, Date.now()];
  if (Date.now() - since < seconds * 1000) return;
  writeSync(2, text);
  process.kill(process.pid, "SIGTERM");
}, ${heartbeat});
`;

function patience({ IMAGESPEC_MODULE_TIMEOUT: given }: NodeJS.ProcessEnv): number {
  const seconds = Number(given);
  return seconds > 0 ? seconds : defaultPatience;
}

function endless(file: string, seconds: number): ImageSpecError {
  return new ImageSpecError(
    "SOURCE_MODULE_ENDLESS",
    `it kept the process busy for ${seconds} s without an end`,
    {
      file,
      hint: "look for a loop that does not end; for a module that needs longer: IMAGESPEC_MODULE_TIMEOUT=300",
    },
  );
}

/**
 * Runs a module of the user's while another thread watches. A loop without an end lets nothing else happen in this
 * one; it is told, and the process ended.
 *
 * @param file what the user calls the module
 */
export async function guardEndless<T>(file: string, load: () => Promise<T>): Promise<T> {
  const { Worker } = await import("node:worker_threads");
  const seconds = patience(process.env);
  const text = formatError(endless(file, seconds), { paint: (_, plain) => plain, debug: false });
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(watch, { eval: true, workerData: { beats, seconds, text } });
  worker.unref();
  const timer = setInterval(() => Atomics.add(beats, 0, 1), heartbeat).unref();
  try {
    return await load();
  } finally {
    clearInterval(timer);
    void worker.terminate();
  }
}
