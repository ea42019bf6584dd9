import type * as z from "zod/mini";
import type { ImageSpec } from "./spec/image-spec.ts";
import { imageSpecSchema as wholeSchema } from "./spec/image-spec-schema.ts";

/** Validates a spec whose field names are canonical; see `parseImageSpec` for what people write. */
export const imageSpecSchema: z.ZodMiniType<ImageSpec> = wholeSchema();
