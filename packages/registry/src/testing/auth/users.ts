import { createHash, timingSafeEqual } from "node:crypto";
import type { Access } from "./access.ts";
import type { AccessRule } from "./auth-options.ts";

export type Login = Readonly<{ user: string; password: string }>;

/** The user and password of `Authorization: Basic …`; undefined: it is none. */
export function readBasic(header: string | undefined): Login | undefined {
  const encoded = /^basic +(?<encoded>\S+) *$/i.exec(header ?? "")?.groups?.encoded;
  if (encoded === undefined) return undefined;
  const [user = "", ...password] = Buffer.from(encoded, "base64").toString().split(":");
  return { user, password: password.join(":") };
}

/** Who may come in, and to what. */
export class Users {
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #allow: AccessRule;

  constructor(passwords: Readonly<Record<string, string>>, allow: AccessRule | undefined) {
    this.#passwords = new Map(Object.entries(passwords));
    this.#allow = allow ?? (({ user }) => user !== undefined);
  }

  knows({ user, password }: Login): boolean {
    const expected = this.#passwords.get(user);
    return expected !== undefined && timingSafeEqual(fingerprint(password), fingerprint(expected));
  }

  /** The part of what is asked for that this user gets. */
  grant(user: string | undefined, asked: readonly Access[]): readonly Access[] {
    return asked.map((access) => ({
      ...access,
      actions: access.actions.filter((action) => this.#allow({ user, repository: access.name, action })),
    }));
  }
}

function fingerprint(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
