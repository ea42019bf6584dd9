import type { AnyBuilder, BuilderRegistry } from "../builder/builder-registry.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { ReachingOptions } from "../plan/resolve-plan.ts";
import type { ImageSpec } from "../spec/image-spec.ts";

type StandardIssue = Readonly<{
  message: string;
  path?: readonly (PropertyKey | Readonly<{ key: PropertyKey }>)[] | undefined;
}>;
type StandardResult = Readonly<{ value?: unknown; issues?: readonly StandardIssue[] | undefined }>;

function optionPath(builder: string, { path }: StandardIssue): string {
  const keys = (path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return ["builderOptions", builder, ...keys].join(".");
}

/**
 * A builder's options, checked by the builder's own schema.
 *
 * @throws ImageSpecError `BUILDER_OPTIONS` with the option's path
 */
export async function parseBuilderOptions(builder: AnyBuilder, options: unknown): Promise<unknown> {
  if (!builder.optionsSchema) return options;
  const result = (await builder.optionsSchema["~standard"].validate(options)) as StandardResult;
  const [issue] = result.issues ?? [];
  if (!issue) return result.value;
  throw new ImageSpecError("BUILDER_OPTIONS", issue.message, {
    field: optionPath(builder.name, issue),
    hint: `see the options of the ${builder.name} builder`,
  });
}

function reaching(builder: AnyBuilder, options: unknown): unknown {
  return builder.fingerprintOptions ? builder.fingerprintOptions(options) : options;
}

function isNothing(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0)
  );
}

async function concerned(spec: ImageSpec, registry: BuilderRegistry): Promise<readonly AnyBuilder[]> {
  const given = spec.builderOptions ?? {};
  if (spec.builder !== undefined) {
    const known = registry.registered(spec.builder);
    if (known) return [known];
    return Object.hasOwn(given, spec.builder) ? [await registry.get(spec.builder)] : [];
  }
  return registry.list().filter(({ name }) => registry.isCandidate(name));
}

/**
 * What of the builders' options can change the image: of the builder that the spec names, else of those that may be
 * chosen. A builder is loaded only when the spec has options for it.
 */
export function reachingOptions(registry: BuilderRegistry): ReachingOptions {
  return async (spec) => {
    const found: [string, unknown][] = [];
    for (const builder of await concerned(spec, registry)) {
      const options = await parseBuilderOptions(builder, spec.builderOptions?.[builder.name] ?? {});
      const part = reaching(builder, options);
      if (!isNothing(part)) found.push([builder.name, part]);
    }
    return Object.fromEntries(found);
  };
}
