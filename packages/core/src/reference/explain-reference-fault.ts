import {
  isDigest,
  isHost,
  isPathComponent,
  isTag,
  looksLikeHost,
  MAX_REPOSITORY_LENGTH,
  MAX_TAG_LENGTH,
} from "./reference-grammar.ts";

export type Fault = Readonly<{ message: string; hint: string }>;

type Rule = Readonly<{ applies: (text: string) => boolean; message: string; hint: (text: string) => string }>;

const form = "HOST/REPOSITORY:TAG, such as ghcr.io/org/app:v1";

const rules: readonly Rule[] = [
  { applies: (text) => text === "", message: "it is empty", hint: () => `write ${form}` },
  {
    applies: (text) => /[\s\p{C}]/u.test(text),
    message: "it holds a blank or a control character",
    hint: () => "take out blanks at its ends and between its parts",
  },
  {
    applies: (text) => /^[a-z][a-z0-9+.-]*:\/\//i.test(text),
    message: "it starts with a scheme",
    hint: (text) => schemeHint(text),
  },
  {
    applies: (text) => /^[a-f0-9]{64}$/.test(text),
    message: "64 hex digits are an image ID or a digest, not a name",
    hint: (text) => `by digest: REPOSITORY@sha256:${text.slice(0, 8)}…`,
  },
  {
    applies: (text) => /@.*[/@]/.test(text),
    message: "an @ stands in front of a host",
    hint: () => "leave out the user name; log in with docker login or skopeo login",
  },
  {
    applies: (text) => text.includes("@") && !isDigest(text.slice(text.indexOf("@") + 1)),
    message: "what follows the @ is not a digest",
    hint: () => "a digest is sha256: and 64, sha384: and 96, or sha512: and 128 hex digits, in lower case",
  },
  {
    applies: (text) => /^[^[/]*:[^/]*:[^/]*\//.test(text),
    message: "an IPv6 address stands without brackets",
    hint: (text) => `write [${text.slice(0, text.indexOf("/"))}]${text.slice(text.indexOf("/"))}`,
  },
  {
    applies: (text) => /^\[[^\]]*%/.test(text),
    message: "an IPv6 zone cannot be part of a reference",
    hint: () => "use an address or a host name without a zone",
  },
  {
    applies: (text) => text.startsWith("/"),
    message: "it starts with a slash",
    hint: (text) => `leave it out: ${text.replace(/^\/+/, "")}`,
  },
  {
    applies: (text) => text.includes("/") && looksLikeHost(first(text)) && !isHost(first(text).toLowerCase()),
    message: "what stands before the first slash is not a host",
    hint: () => "a host is letters, digits, dots and hyphens, with a port up to 65535: my.host:5000",
  },
  {
    applies: (text) => path(text) === "" || /\/\/|\/$/.test(path(text)),
    message: "a part of its name is empty",
    hint: () => "leave out doubled and trailing slashes, and name a repository",
  },
  {
    applies: (text) => /^[^/]*[A-Z]/.test(path(text)) && path(text) === nameOf(text) && text.includes("/"),
    message: "its first part is neither a host (which has a dot or a port) nor a lower-case namespace",
    hint: (text) =>
      `write ${text.replace(nameOf(text), nameOf(text).toLowerCase())}, or the host's full name`,
  },
  {
    applies: (text) => /[A-Z]/.test(path(text)),
    message: "a repository's name has no capitals",
    hint: (text) => `write ${text.replace(path(text), path(text).toLowerCase())}`,
  },
  {
    applies: (text) => /:.*\//.test(afterHost(text)),
    message: "a tag stands in its middle",
    hint: () => "only the last part has a tag; a registry prefix has none",
  },
  {
    applies: (text) => afterHost(text).endsWith(":"),
    message: "its tag is empty",
    hint: (text) => `write ${text}latest, or leave out the colon`,
  },
  {
    applies: (text) => /:.*:/.test(afterHost(text)),
    message: "it has more than one tag",
    hint: (text) => `write ${text.slice(0, text.lastIndexOf(":"))}`,
  },
  {
    applies: (text) => afterHost(text).includes(":") && !isTag(tagOf(text)),
    message: "its tag is not legal",
    hint: () =>
      `a tag has at most ${MAX_TAG_LENGTH} letters, digits, _, . and -, and starts with none of . and -`,
  },
  {
    applies: (text) => path(text).length > MAX_REPOSITORY_LENGTH - "library/".length,
    message: `its repository has more than ${MAX_REPOSITORY_LENGTH} characters`,
    hint: () => "choose a shorter name or prefix",
  },
  {
    applies: (text) => !path(text).split("/").every(isPathComponent),
    message: "a part of its repository is not legal",
    hint: () =>
      "parts are lower-case letters and digits, joined by one dot, one or two underscores, or hyphens",
  },
];

/** The first thing wrong with a text that is not a reference. */
export function explainFault(text: string): Fault {
  const rule = rules.find(({ applies }) => applies(text));
  return {
    message: rule?.message ?? "it does not fit the grammar",
    hint: rule?.hint(text) ?? `write ${form}`,
  };
}

function schemeHint(text: string): string {
  const bare = text.replace(/^[^:]*:\/+([^/@]*@(?!sha[0-9]+:))?/, "");
  if (!/^http:/i.test(text)) return `leave it out: ${bare}`;
  return `leave it out: ${bare} (plain http is tried on loopback; elsewhere mark the registry as insecure)`;
}

const nameOf = (text: string): string => text.replace(/@.*$/, "").replace(/:[^/]*$/, "");

const first = (text: string): string => text.slice(0, Math.max(text.indexOf("/"), 0));

const afterHost = (text: string): string => {
  const name = text.replace(/@.*$/, "");
  return looksLikeHost(first(name)) ? name.slice(name.indexOf("/") + 1) : name;
};

const path = (text: string): string => afterHost(text).replace(/:.*$/, "");

const tagOf = (text: string): string => afterHost(text).slice(afterHost(text).indexOf(":") + 1);
