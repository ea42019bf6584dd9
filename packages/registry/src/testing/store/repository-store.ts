import { ProtocolError } from "../http/protocol-error.ts";
import { isRepositoryName } from "../http/route.ts";
import { Repository, type RepositoryRules } from "./repository.ts";

/** Every repository of one registry. */
export class RepositoryStore {
  readonly #repositories: Map<string, Repository> = new Map();
  readonly #rules: RepositoryRules;

  constructor(rules: RepositoryRules) {
    this.#rules = rules;
  }

  find(name: string): Repository | undefined {
    return this.#repositories.get(name);
  }

  /** The repository of that name, made when it is not there. @throws ProtocolError NAME_INVALID */
  open(name: string): Repository {
    if (!isRepositoryName(name)) throw new ProtocolError("NAME_INVALID", { detail: { name } });
    const existing = this.#repositories.get(name);
    if (existing !== undefined) return existing;
    const repository = new Repository(this.#rules);
    this.#repositories.set(name, repository);
    return repository;
  }

  /** Sorted by code unit. */
  names(): readonly string[] {
    const listed = [...this.#repositories].filter(([, repository]) => repository.isListed);
    return listed.map(([name]) => name).sort();
  }
}
