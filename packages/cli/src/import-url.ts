type Import = (url: string) => Promise<Readonly<Record<string, unknown>>>;

/**
 * The module at a URL of the user's. Code that V8 took from a cache cannot import by itself (Node 20 to 24): where the
 * bundle runs from one, what started it lends its own import.
 */
export const importUrl: Import = (url) => {
  const lent = (globalThis as { [key: symbol]: Import | undefined })[Symbol.for("imagespec.import")];
  return lent ? lent(url) : import(url);
};
