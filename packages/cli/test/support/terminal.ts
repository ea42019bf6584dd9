import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { promisify } from "node:util";
import { ensureSystemPackages, waitUntil } from "@imagespec/test-services";
import { onTestFinished } from "vitest";

const run = promisify(execFile);

export type Size = Readonly<{ columns: number; rows: number }>;

/** A window of tmux, which is a real terminal to what runs in it. */
export class Terminal {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  /** Runs a command line of a shell in a window of its own, which stays when the command has ended. */
  static async open(command: string, { columns, rows }: Size, cwd: string): Promise<Terminal> {
    await ensureSystemPackages(["tmux"]);
    const terminal = new Terminal(path.join(cwd, `tmux-${randomUUID().slice(0, 8)}`));
    onTestFinished(() => terminal.#tmux("kill-server").then(() => {}));
    const size = ["-x", String(columns), "-y", String(rows)];
    const options = ["set", "-g", "status", "off", ";", "set", "-g", "remain-on-exit", "on"];
    const clean = [
      "set",
      "-g",
      "remain-on-exit-format",
      "",
      ";",
      "set",
      "-g",
      "default-terminal",
      "screen-256color",
    ];
    await terminal.#tmux(
      ...["-f", "/dev/null", "start-server", ";", ...options, ";", ...clean, ";"],
      ...["new-session", "-d", ...size, "-c", cwd, "sh", "-c", command],
    );
    return terminal;
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, TMUX: "", LC_ALL: "C.UTF-8", TERM: "screen-256color" };
    return (await run("tmux", ["-u", "-S", this.#socket, ...args], { env })).stdout;
  }

  async resize({ columns, rows }: Size): Promise<void> {
    await this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** As if typed: `C-c` is Ctrl-C. */
  async press(key: string): Promise<void> {
    await this.#tmux("send-keys", key);
  }

  /** What a person sees; `scrolled` lines of what went out of sight above it. */
  async screen(scrolled = 0): Promise<string> {
    return (await this.#tmux("capture-pane", "-p", "-S", String(-scrolled))).trimEnd();
  }

  async #state(format: string): Promise<string> {
    return (await this.#tmux("display-message", "-p", format)).trim();
  }

  /** Resolves once the window is called so: all that was written before the title is on the screen then. */
  async titled(title: string): Promise<void> {
    const attempt = async (): Promise<true | undefined> =>
      (await this.#state("#{pane_title}")) === title ? true : undefined;
    await waitUntil(attempt, { what: `the title ${title}` });
  }

  /** Resolves once the screen matches. */
  async shows(pattern: RegExp): Promise<string> {
    const attempt = async (): Promise<string | undefined> => {
      const screen = await this.screen();
      return pattern.test(screen) ? screen : undefined;
    };
    return waitUntil(attempt, { what: `a screen with ${pattern}` });
  }

  async isCursorVisible(): Promise<boolean> {
    return (await this.#state("#{cursor_flag}")) === "1";
  }

  /** Whether lines that are too long go on below. */
  async wraps(): Promise<boolean> {
    return (await this.#state("#{wrap_flag}")) === "1";
  }
}
