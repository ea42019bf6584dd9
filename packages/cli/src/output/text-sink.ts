import { writeSync } from "node:fs";
import type { Writable } from "node:stream";

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/**
 * Writes text to a file descriptor at once, which spares the start of a process the loading of streams. Where the
 * descriptor would block, as a full pipe that somebody else has set so, the rest goes through the stream.
 */
export class TextSink {
  readonly #descriptor: number;
  readonly #stream: () => Writable;
  #state: "direct" | "streaming" | "closed" = "direct";
  #diverted: ((text: string) => void) | undefined;

  constructor(descriptor: number, stream: () => Writable) {
    this.#descriptor = descriptor;
    this.#stream = stream;
  }

  /** Until it is called with nothing, `to` gets every text. */
  divert(to: ((text: string) => void) | undefined): void {
    this.#diverted = to;
  }

  write(text: string): void {
    if (this.#diverted) this.#diverted(text);
    else if (this.#state === "direct") this.#writeDirect(Buffer.from(text));
    else if (this.#state === "streaming") this.#stream().write(text);
  }

  #writeDirect(bytes: Buffer): void {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written);
    } catch (error) {
      this.#goOn(error, bytes.subarray(written));
    }
  }

  #goOn(error: unknown, rest: Buffer): void {
    // Nobody reads any more, as behind `head -1`: what is left to say is lost on nobody.
    if (codeOf(error) === "EPIPE") this.#state = "closed";
    else if (codeOf(error) === "EAGAIN") this.#startStreaming(rest);
    else throw error;
  }

  #startStreaming(rest: Buffer): void {
    this.#state = "streaming";
    this.#stream()
      .on("error", (error) => {
        if (codeOf(error) !== "EPIPE") throw error;
        this.#state = "closed";
      })
      .write(rest);
  }

  /** Resolves once everything is written. */
  async flush(): Promise<void> {
    if (this.#state !== "streaming") return;
    await new Promise<void>((resolve) => this.#stream().write("", () => resolve()));
  }
}
