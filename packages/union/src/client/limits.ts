/** Milliseconds after which something that does not move is given up, or asked in another way. */
export type Limits = Readonly<{
  /** One question and its answer. */
  call: number;
  /** Between the signs of life that a connection is asked for, and for the answer to one. */
  ping: number;
  /** The first message of a stream, and each later one. */
  firstMessage: number;
  silence: number;
  /** Before a stream that told nothing is opened again, the first time. */
  reopen: number;
  /** Between two questions about a run that no stream tells of. */
  poll: number;
}>;

export const defaultLimits: Limits = {
  call: 60_000,
  ping: 20_000,
  firstMessage: 30_000,
  silence: 90_000,
  reopen: 500,
  poll: 5_000,
};
