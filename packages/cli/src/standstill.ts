const waiting = new Set<() => void>();

function failAll(): void {
  for (const fail of [...waiting]) fail();
}

/**
 * The promise's outcome. A process that waits for nothing else ends, and nobody would be told: a promise that is still
 * open then is never kept, and rejects with `fault`.
 */
export function orStandstill<T>(promise: Promise<T>, fault: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(fault());
    if (waiting.size === 0) process.on("beforeExit", failAll);
    waiting.add(fail);
    void promise.then(resolve, reject).finally(() => {
      waiting.delete(fail);
      if (waiting.size === 0) process.off("beforeExit", failAll);
    });
  });
}
