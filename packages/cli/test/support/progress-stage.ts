import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildEvent } from "@imagespec/core";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";
import { type Size, Terminal } from "./terminal.ts";

const program = fileURLToPath(new URL("show-progress.mjs", import.meta.url));

/** One thing that the program does, as its script has it. */
type Step =
  | Readonly<{ event: BuildEvent }>
  | Readonly<{ text: string }>
  | Readonly<{ frame: number }>
  | Readonly<{ resized: readonly [number, number] }>
  | Readonly<{ end: true }>
  | Readonly<{ title: string }>;

/** The live tree on a real terminal, where nothing happens but what a test says. */
export class Stage {
  readonly #terminal: Terminal;
  readonly #program: Socket;
  readonly #screens: string[] = [];

  private constructor(terminal: Terminal, socket: Socket) {
    this.#terminal = terminal;
    this.#program = socket;
  }

  static async open(size: Size): Promise<Stage> {
    const folder = temporaryFolder();
    const place = path.join(folder, "script");
    const server = createServer().listen(place);
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const command = `echo '$ imagespec build'; exec '${process.execPath}' '${program}' '${place}'`;
    const connected = once(server, "connection");
    const terminal = await Terminal.open(command, size, folder);
    const [socket] = (await connected) as [Socket];
    return new Stage(terminal, socket);
  }

  #say(step: Step): void {
    this.#program.write(`${JSON.stringify(step)}\n`);
  }

  /** Keeps the screen once all that was said has come to be there. */
  async #look(label: string, scrolled = 0): Promise<void> {
    const title = `screen ${this.#screens.length}`;
    this.#say({ title });
    await this.#terminal.titled(title);
    this.#screens.push(`──── ${label}\n${await this.#terminal.screen(scrolled)}\n`);
  }

  /** Everything that was to be seen, in order. */
  get screens(): string {
    return this.#screens.join("\n");
  }

  play(events: readonly BuildEvent[]): void {
    for (const event of events) this.#say({ event });
  }

  /** What others write meanwhile. */
  write(text: string): void {
    this.#say({ text });
  }

  /** Looks at the frame of that time, in milliseconds. */
  async at(time: number): Promise<void> {
    this.#say({ frame: time });
    await this.#look(`after ${time / 1000} s`);
  }

  /** Gives the window another size, and looks at the first frame of that. */
  async resize({ columns, rows }: Size, time: number): Promise<void> {
    await this.#terminal.resize({ columns, rows });
    this.#say({ resized: [columns, rows] });
    this.#say({ frame: time });
    await this.#look(`${columns} columns, ${rows} rows`);
  }

  /** Looks at what stays, with `scrolled` lines of what is no more on the screen. */
  async end(scrolled = 0): Promise<void> {
    this.#say({ end: true });
    await this.#look("the end", scrolled);
  }
}
