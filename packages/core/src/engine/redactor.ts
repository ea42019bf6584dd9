const mask = "***";
/** Shorter values stand in ordinary text by chance; masking them would garble every line. */
const shortest = 4;

/** Replaces secret values in texts. Knows only what it was told. */
export class Redactor {
  readonly #values = new Set<string>();

  /** Every line of a secret counts, so that a log that breaks it into lines shows none of them; of a netrc the passwords too. */
  add(secret: string | Uint8Array): void {
    const text = typeof secret === "string" ? secret : Buffer.from(secret).toString("utf8");
    const passwords = [...text.matchAll(/\bpassword\s+(\S+)/g)].map(([, password]) => password!);
    for (const value of [text, ...text.split(/[\r\n]+/), ...passwords]) {
      const trimmed = value.trim();
      if (trimmed.length < shortest) continue;
      this.#values.add(trimmed);
      this.#values.add(encodeURIComponent(trimmed));
    }
  }

  text(value: string): string {
    let result = value;
    for (const secret of this.#values) result = result.replaceAll(secret, mask);
    return result;
  }

  /** A copy of plain data with every string in it masked. */
  data<T>(value: T): T {
    if (this.#values.size === 0) return value;
    if (typeof value === "string") return this.text(value) as T;
    if (Array.isArray(value)) return value.map((item) => this.data(item)) as T;
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.data(item)])) as T;
  }
}
