import { ImageSpecError } from "../errors/image-spec-error.ts";
import type { AnyBuilder } from "./builder-registry.ts";

/**
 * The builder itself, when its interface is one that this core speaks.
 *
 * @throws ImageSpecError `BUILDER_INTERFACE`, naming the package whose fault it is
 */
export function checkBuilder(value: unknown, origin: string): AnyBuilder {
  const builder = value as Partial<AnyBuilder> | null | undefined;
  if (typeof builder !== "object" || builder === null || typeof builder.name !== "string") {
    throw notBuilder(origin);
  }
  // Of another version than this one nothing but its name and its version is known.
  if (builder.interfaceVersion !== undefined && builder.interfaceVersion !== 1) {
    throw new ImageSpecError(
      "BUILDER_INTERFACE",
      `${origin} speaks version ${String(builder.interfaceVersion)} of the builder interface, this is version 1`,
      { hint: `install a version of ${origin} for interface version 1` },
    );
  }
  const isComplete = typeof builder.build === "function" && typeof builder.probe === "function";
  const isHonest = typeof builder.capabilities === "object" && builder.capabilities !== null;
  if (!isComplete || !isHonest || builder.interfaceVersion === undefined) throw notBuilder(origin);
  return builder as AnyBuilder;
}

function notBuilder(origin: string): ImageSpecError {
  return new ImageSpecError("BUILDER_INTERFACE", `${origin} is not a builder`, {
    hint: "its factory has to return an object with interfaceVersion, name, capabilities, probe and build",
  });
}

/**
 * What a package gave for a name: a builder of that name.
 *
 * @throws ImageSpecError `BUILDER_INTERFACE`
 */
export function checkLoaded(
  loaded: unknown,
  { name, origin }: Readonly<{ name: string; origin: string }>,
): AnyBuilder {
  const builder = checkBuilder(loaded, origin);
  if (builder.name === name) return builder;
  throw new ImageSpecError(
    "BUILDER_INTERFACE",
    `${origin} makes a builder called ${JSON.stringify(builder.name)}`,
    {
      hint: `this is a fault of ${origin}: its builder has to be called ${JSON.stringify(name)}`,
    },
  );
}
