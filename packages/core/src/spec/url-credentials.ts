import { ImageSpecError } from "../errors/image-spec-error.ts";

/** A login for one host, taken out of a URL. */
export type UrlCredential = Readonly<{ host: string; username: string; password: string }>;

/** Text whose URLs hold no credentials any more, and what was taken out of them. */
export type StrippedText = Readonly<{ text: string; credentials: readonly UrlCredential[] }>;

// The authority of a URL ends at `/`, `?`, `#` or a blank (RFC 3986, 3.2); user info is what stands before its last `@`.
const userInfo = /([a-z][a-z0-9+.-]*:\/\/)([^\s/?#'"]+)@([^\s/?#'"@]+)/gi;

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function credentialOf(info: string, authority: string): UrlCredential | undefined {
  const colon = info.indexOf(":");
  const username = decode(colon < 0 ? info : info.slice(0, colon));
  const password = colon < 0 ? "" : decode(info.slice(colon + 1));
  const host = authority.replace(/:\d+$/, "").toLowerCase();
  return { host, username, password };
}

/** `${NAME}` is filled in by the tool that reads the file: no secret stands there. */
function isPlaceholder(info: string): boolean {
  return /^(\$\{\w+\})(:\$\{\w+\})?$/.test(info);
}

/** `git@` and its like name an account, not a secret: ssh is not asked for a password. */
function isAccount(scheme: string, info: string): boolean {
  return /ssh:\/\/$/i.test(scheme) && !info.includes(":");
}

/** Takes user names and passwords out of every URL in `text`. `${NAME}` placeholders and ssh accounts stay. */
export function stripUrlCredentials(text: string): StrippedText {
  const credentials: UrlCredential[] = [];
  const stripped = text.replace(userInfo, (whole, scheme: string, info: string, authority: string) => {
    if (isPlaceholder(info) || isAccount(scheme, info)) return whole;
    const credential = credentialOf(info, authority);
    if (credential) credentials.push(credential);
    return scheme + authority;
  });
  return { text: stripped, credentials };
}

function netrcToken(value: string): string {
  if (/[\s\0]/.test(value)) {
    throw new ImageSpecError(
      "SPEC_CREDENTIALS_IN_URL",
      "a login in a URL holds a blank, which netrc cannot carry",
      {
        hint: "pass the login as a secret: pipSecretMounts",
      },
    );
  }
  return value === "" ? '""' : value;
}

/**
 * The text of a netrc file with these logins.
 *
 * @throws ImageSpecError `SPEC_CREDENTIALS_CONFLICT` when one host has two logins: netrc knows hosts only
 */
export function formatNetrc(credentials: readonly UrlCredential[]): string {
  const byHost = new Map<string, UrlCredential>();
  for (const credential of credentials) {
    const known = byHost.get(credential.host);
    if (known && (known.username !== credential.username || known.password !== credential.password)) {
      throw new ImageSpecError("SPEC_CREDENTIALS_CONFLICT", `two logins for ${credential.host}`, {
        hint: "use one login for a host, or pass a netrc file by pipSecretMounts",
      });
    }
    byHost.set(credential.host, credential);
  }
  return [...byHost.values()]
    .map(
      ({ host, username, password }) =>
        `machine ${host}\nlogin ${netrcToken(username)}\npassword ${netrcToken(password)}\n`,
    )
    .join("");
}
