import { execFile } from "node:child_process";

/** Somebody who can be asked to sign in. */
export type Listener = (message: string) => void;

/** What the surroundings offer to sign-in flows that need a person. */
export type Person = Readonly<{
  isThere: boolean;
  /** Shows a page. Whether that works out changes nothing: its address is told as well. */
  openBrowser: (url: string) => void;
}>;

/** Tells whoever builds at the moment that somebody has to sign in. */
export class Prompts {
  readonly #listeners = new Set<Listener>();
  readonly person: Person;

  constructor(person: Person) {
    this.person = person;
  }

  /** True where the message has reached somebody. */
  get canAsk(): boolean {
    return this.person.isThere && this.#listeners.size > 0;
  }

  /** Resolves what `use` resolves to; messages go to the listener meanwhile. */
  async during<T>(listener: Listener, use: () => Promise<T>): Promise<T> {
    this.#listeners.add(listener);
    try {
      return await use();
    } finally {
      this.#listeners.delete(listener);
    }
  }

  tell(message: string): void {
    for (const listener of this.#listeners) listener(message);
  }
}

/** By the program of the desktop. */
export function openInBrowser(url: string): void {
  execFile(process.platform === "darwin" ? "open" : "xdg-open", [url], () => {}).unref();
}
