/**
 * The `user:password` that a netrc file has for a host; undefined where it has none.
 *
 * @see https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html
 */
export function netrcLogin(netrc: string, host: string): string | undefined {
  const words = netrc.split(/\s+/);
  const at = words.findIndex((word, index) => word === "machine" && words[index + 1] === host);
  if (at < 0) return undefined;
  const rest = words.slice(at + 2);
  const end = rest.findIndex((word) => word === "machine" || word === "default");
  const entry = end < 0 ? rest : rest.slice(0, end);
  const wordAfter = (name: string) => entry[entry.indexOf(name) + 1] ?? "";
  return entry.includes("login") ? `${wordAfter("login")}:${wordAfter("password")}` : undefined;
}
