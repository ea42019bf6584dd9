export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Seconds that a job takes. */
export async function time(job) {
  const start = performance.now();
  await job();
  return (performance.now() - start) / 1000;
}

/** What each of several jobs gives, taken in turn, so that all see the same machine: an array for each. */
export async function inTurn(rounds, ...jobs) {
  const results = jobs.map(() => /** @type {any[]} */ ([]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, result] of results.entries()) result.push(await jobs[index](round));
  }
  return results;
}

/** A line of the table: `value` against `reference`, at most `bound` times it. */
export function ratioRow(what, value, { reference, unit, bound }) {
  const ratio = value / reference;
  const shown = (number) => `${number.toFixed(2)} ${unit}`;
  const limit = bound === undefined ? {} : { "at most": bound, holds: ratio <= bound };
  return { what, measured: shown(value), against: shown(reference), ratio: ratio.toFixed(2), ...limit };
}
