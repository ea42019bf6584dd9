import { expect, test } from "vitest";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { Refusals } from "./refusals.ts";

test("warnings alone refuse nothing", () => {
  const refusals = new Refusals();
  refusals.warn("it is slow", { code: "SLOW" });
  refusals.throwIfRefused();
  expect(refusals.issues).toMatchObject([{ severity: "warning", code: "SLOW" }]);
});

test("the first refusal is thrown, and holds all of them", () => {
  const refusals = new Refusals();
  refusals.warn("it is slow", { code: "SLOW" });
  refusals.refuse("no", { code: "FIRST", field: "env", hint: "yes" });
  refusals.refuse("never", { code: "SECOND" });
  let thrown: unknown;
  try {
    refusals.throwIfRefused();
  } catch (error) {
    thrown = error;
  }
  if (!ImageSpecError.isInstance(thrown)) throw thrown;
  const { code, message, details } = thrown;
  expect({ code, message, field: details.field, hint: details.hint }).toMatchInlineSnapshot(`
    {
      "code": "FIRST",
      "field": "env",
      "hint": "yes",
      "message": "no",
    }
  `);
  expect(details.issues?.map((issue) => issue.code)).toEqual(["FIRST", "SECOND"]);
});
