type Child = Readonly<{ kill(signal: "SIGKILL"): boolean }> & PromiseLike<unknown>;

/**
 * Options of execa for a program that this process waits for. execa's own clean-up ends the process itself at Ctrl-C
 * where whoever listens for that listens once, as the usual handler does: nobody could clean up then.
 */
export const childOptions = { stdin: "ignore", reject: false, cleanup: false } as const;

const running = new Set<Child>();

function endAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Ends the program, should this process exit before it. */
export function endWithProcess(child: Child): void {
  if (running.size === 0) process.on("exit", endAll);
  running.add(child);
  const forget = (): void => {
    running.delete(child);
    if (running.size === 0) process.off("exit", endAll);
  };
  child.then(forget, forget);
}
