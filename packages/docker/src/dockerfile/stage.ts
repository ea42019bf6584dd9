import { layOut } from "./lay-out.ts";
import { BREAK, type Pieces, quoteExec, quoteMount } from "./quote.ts";

/** The options of one `--mount`, in the order in which they are written. */
export type Mount = Readonly<Record<string, string | true>>;

/** A stage of a Dockerfile, to which instructions are added in order. */
export class Stage {
  readonly name: string;
  readonly #lines: string[];
  readonly #declared = new Set<string>();

  constructor(from: string, name: string) {
    this.name = name;
    this.#lines = [`FROM ${from} AS ${name}`];
  }

  add(...pieces: Pieces): void {
    this.#lines.push(layOut(pieces));
  }

  /** The exec form: the base's SHELL plays no part. */
  run(words: readonly string[], mounts: readonly Mount[]): void {
    const options = mounts.flatMap((mount) => [`${quoteMount(mount)} `, BREAK, "    "]);
    this.add("RUN ", ...options, ...quoteExec(words));
  }

  /** A build argument that later instructions of this stage may name. */
  declare(name: string): void {
    if (this.#declared.has(name)) return;
    this.#declared.add(name);
    this.add(`ARG ${name}`);
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}
