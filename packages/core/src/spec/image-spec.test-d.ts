import { expectTypeOf, test } from "vitest";
import type * as z from "zod/mini";
import type { imageSpecSchema } from "../schema.ts";
import { defineImage } from "./define-image.ts";
import type { ImageSpec } from "./image-spec.ts";

test("ImageSpec is what its schema gives", () => {
  expectTypeOf<z.infer<typeof imageSpecSchema>>().toEqualTypeOf<ImageSpec>();
});

test("a wrong field does not compile", () => {
  // @ts-expect-error: no such field
  defineImage({ aptPackage: ["git"] });
  // @ts-expect-error: a version is text
  defineImage({ pythonVersion: 3.12 });
  // @ts-expect-error: not a mode
  defineImage({ sourceCopyMode: "ALL" });
  expectTypeOf(
    defineImage({ packages: ["a"], copy: ["a", { from: "b", to: "/b" }] }),
  ).toEqualTypeOf<ImageSpec>();
});
