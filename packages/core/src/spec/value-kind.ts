import * as z from "zod/mini";

/**
 * What values a field takes. `accepts` tells of a value that is right, at once; what is wrong with another one is told
 * by the schema, which takes longer to make than most specs to build from. Both say the same of every value of JSON.
 */
export type ValueKind<S extends z.ZodMiniType = z.ZodMiniType> = Readonly<{
  accepts(value: unknown): boolean;
  schema(): S;
}>;

export function valueKind<S extends z.ZodMiniType>(
  accepts: (value: unknown) => boolean,
  make: () => S,
): ValueKind<S> {
  let made: S | undefined;
  return {
    accepts,
    schema: () => {
      made ??= make();
      return made;
    },
  };
}

/** Whether a value is a record as JSON has them, all of whose entries are right. */
export function isPlainRecord(value: unknown, isRight: (key: string, entry: unknown) => boolean): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const keys = Object.keys(value);
  if ((prototype !== Object.prototype && prototype !== null) || Reflect.ownKeys(value).length !== keys.length)
    return false;
  return keys.every((key) => key !== "__proto__" && isRight(key, (value as Record<string, unknown>)[key]));
}

/** A pattern without flags; the kind has to take texts alone. */
export function matching(kind: ValueKind<z.ZodMiniString>, pattern: RegExp, error: string): typeof kind {
  return valueKind(
    (value) => kind.accepts(value) && pattern.test(value as string),
    () => kind.schema().check(z.regex(pattern, { error })),
  );
}

export function listOf<S extends z.ZodMiniType>(kind: ValueKind<S>): ValueKind<z.ZodMiniArray<S>> {
  return valueKind(
    (value) => Array.isArray(value) && Array.from(value).every(kind.accepts),
    () => z.array(kind.schema()),
  );
}

export function recordOf<K extends z.ZodMiniString, S extends z.ZodMiniType>(
  key: ValueKind<K>,
  value: ValueKind<S>,
): ValueKind<z.ZodMiniRecord<K, S>> {
  return valueKind(
    (record) => isPlainRecord(record, (name, entry) => key.accepts(name) && value.accepts(entry)),
    () => z.record(key.schema(), value.schema()),
  );
}

export function eitherOf<A extends z.ZodMiniType, B extends z.ZodMiniType>(
  one: ValueKind<A>,
  other: ValueKind<B>,
  error: string,
): ValueKind<z.ZodMiniUnion<[A, B]>> {
  return valueKind(
    (value) => one.accepts(value) || other.accepts(value),
    () => z.union([one.schema(), other.schema()], { error }),
  );
}
