import type { BuildEvent } from "@imagespec/core";
import type { ProgressKind } from "../options/flags.ts";
import { isTerminal } from "../output/is-terminal.ts";
import type { Surroundings } from "../output/surroundings.ts";
import { onWaiting } from "../output/write-issue.ts";
import { plainProgress } from "./plain-progress.ts";

/** Shows what happens while images are built. */
export type Progress = Readonly<{
  onEvent(event: BuildEvent): void;
  /** Leaves the terminal as it was found. To be called however the build ends. */
  end(): void;
}>;

function jsonProgress({ stderr }: Surroundings): Progress {
  return { onEvent: (event) => stderr.write(`${JSON.stringify(event)}\n`), end: () => {} };
}

/** A terminal that nobody looks at, as some CI systems give, gets lines. */
function choose({ CI, TERM }: NodeJS.ProcessEnv): "tty" | "plain" {
  const isCi = CI !== undefined && CI !== "" && CI !== "false" && CI !== "0";
  return TERM !== "dumb" && !isCi && isTerminal(2) ? "tty" : "plain";
}

async function terminalProgress(surroundings: Surroundings): Promise<Progress> {
  const { treeProgress } = await import("./tree-progress.ts");
  return treeProgress(process.stderr, surroundings);
}

export async function createProgress(kind: ProgressKind, surroundings: Surroundings): Promise<Progress> {
  const chosen = kind === "auto" ? choose(surroundings.environment) : kind;
  switch (chosen) {
    case "tty":
      return terminalProgress(surroundings);
    case "plain":
      return plainProgress(surroundings);
    case "json":
      return jsonProgress(surroundings);
    case "quiet":
      return { onEvent: onWaiting(surroundings), end: () => {} };
  }
}
