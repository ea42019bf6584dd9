import { ImageSpecError } from "../errors/image-spec-error.ts";
import { canonicalBuilderName, nearestName } from "../spec/spec-spelling.ts";
import type { Availability, Builder } from "./builder.ts";
import { checkBuilder, checkLoaded } from "./check-builder.ts";
import { askAvailability, guardBuilder } from "./guard-builder.ts";

/** A builder of any options: the registry keeps them side by side. */
export type AnyBuilder = Builder<unknown>;

/** When a builder is chosen, and by which other names. */
export type Registration = Readonly<{
  /** Higher is tried first when a spec names no builder. Absent: only by name. */
  priority?: number | undefined;
  aliases?: readonly string[] | undefined;
  /** Where it comes from, for errors: a package, or a place in a config. Default: its name. */
  origin?: string | undefined;
}>;

export type BuilderRegistryOptions = Readonly<{
  /** Finds a builder that is not registered, by its canonical name; undefined when it is not installed. */
  load?: ((name: string) => Promise<AnyBuilder | undefined>) | undefined;
}>;

export type ProbedBuilder = Readonly<{ builder: AnyBuilder; availability: Availability }>;

type Entry = Readonly<{ builder: AnyBuilder; priority: number | undefined }>;

/** As in flytekit; a builder that is not listed is chosen only by name. */
const defaultPriorities: Readonly<Record<string, number>> = { envd: 5, docker: 1 };

/** The names whose packages are ours. */
export const ownBuilders: ReadonlySet<string> = new Set(["docker", "envd", "union", "oci"]);

/** The npm package that holds a builder: ours are scoped, a third party's is `imagespec-builder-<name>`. */
export function builderPackage(name: string): string {
  return ownBuilders.has(name) ? `@imagespec/${name}` : `imagespec-builder-${name}`;
}

/** The builders that a spec can name. Holds no state beyond what is registered. */
export class BuilderRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #aliases = new Map<string, string>();
  readonly #load: BuilderRegistryOptions["load"];

  constructor(options: BuilderRegistryOptions = {}) {
    this.#load = options.load;
  }

  /**
   * Adds a builder, or replaces the one of that name.
   *
   * @throws ImageSpecError `BUILDER_INTERFACE`
   */
  register(builder: AnyBuilder, registration: Registration = {}): this {
    checkBuilder(builder, registration.origin ?? `the builder ${JSON.stringify(builder?.name ?? null)}`);
    const priority = registration.priority ?? defaultPriorities[builder.name];
    this.#entries.set(builder.name, { builder: guardBuilder(builder), priority });
    for (const alias of registration.aliases ?? []) this.#aliases.set(alias, builder.name);
    return this;
  }

  /** Registered builders, those of higher priority first. */
  list(): readonly AnyBuilder[] {
    return [...this.#entries.values()]
      .sort((a, b) => (b.priority ?? Number.NEGATIVE_INFINITY) - (a.priority ?? Number.NEGATIVE_INFINITY))
      .map(({ builder }) => builder);
  }

  /** A registered builder, by name or alias; loads nothing. */
  registered(name: string): AnyBuilder | undefined {
    return this.#entries.get(this.#canonical(name))?.builder;
  }

  /**
   * The builder of that name or alias, loaded when it is not registered.
   *
   * @throws ImageSpecError `BUILDER_NOT_INSTALLED`, with the line that installs it and the nearest known name
   */
  async get(name: string): Promise<AnyBuilder> {
    const canonical = this.#canonical(name);
    const known = this.#entries.get(canonical)?.builder;
    if (known) return known;
    const loaded = await this.#load?.(canonical);
    if (!loaded) throw this.#notInstalled(canonical);
    this.register(checkLoaded(loaded, { name: canonical, origin: builderPackage(canonical) }));
    return this.#entries.get(canonical)!.builder;
  }

  /**
   * The first available builder by priority, of those that have one.
   *
   * @throws ImageSpecError `BUILDER_UNAVAILABLE` with each one's reason and remedy
   */
  async choose(signal: AbortSignal, optionsOf: (builder: AnyBuilder) => unknown): Promise<AnyBuilder> {
    const refused: ProbedBuilder[] = [];
    for (const builder of this.#candidates()) {
      const availability = await askAvailability(builder, optionsOf(builder), signal);
      if (availability.available) return builder;
      refused.push({ builder, availability });
    }
    throw unavailable(refused);
  }

  /** Whether a spec that names no builder may get this one. */
  isCandidate(name: string): boolean {
    return this.priorityOf(name) !== undefined;
  }

  /** Of a registered builder; undefined for one that is chosen only by name. */
  priorityOf(name: string): number | undefined {
    return this.#entries.get(name)?.priority;
  }

  #candidates(): AnyBuilder[] {
    return this.list().filter(({ name }) => this.isCandidate(name));
  }

  /** The one builder that a spec without a name gets, when there is no choice; undefined otherwise. */
  onlyCandidate(): AnyBuilder | undefined {
    const candidates = this.#candidates();
    return candidates.length === 1 ? candidates[0] : undefined;
  }

  #canonical(name: string): string {
    return this.#aliases.get(name) ?? canonicalBuilderName(name);
  }

  #notInstalled(name: string): ImageSpecError {
    const known = [...this.#entries.keys(), ...ownBuilders];
    const nearest = known.includes(name) ? undefined : nearestName(name, known);
    const install = `npm install ${builderPackage(name)}`;
    return new ImageSpecError(
      "BUILDER_NOT_INSTALLED",
      `the builder ${JSON.stringify(name)} is not installed`,
      {
        field: "builder",
        hint: nearest ? `${install}  (or did you mean ${nearest}?)` : install,
      },
    );
  }
}

function unavailable(refused: readonly ProbedBuilder[]): ImageSpecError {
  const lines = refused.flatMap(({ builder, availability }) =>
    availability.available ? [] : [{ name: builder.name, ...availability }],
  );
  return new ImageSpecError(
    "BUILDER_UNAVAILABLE",
    lines.length === 0
      ? "no builder is registered"
      : `no builder is available: ${lines.map(({ name, reason }) => `${name}: ${reason}`).join("; ")}`,
    {
      hint: lines.map(({ name, hint }) => `${name}: ${hint}`).join("\n") || "register one, such as docker()",
    },
  );
}
