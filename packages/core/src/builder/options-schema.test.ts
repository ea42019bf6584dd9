import { expect, test } from "vitest";
import { isLine, optionsSchema } from "./options-schema.ts";

type Options = Readonly<{ word?: string | undefined; loud?: boolean | undefined }>;

const { validate } = optionsSchema<Options>({
  word: (value) => (isLine(value) ? undefined : "must be a word"),
  loud: (value) => (typeof value === "boolean" ? undefined : "must be true or false"),
})["~standard"];

test("options that are right are given back as they are, those that are undefined too", () => {
  for (const value of [{}, { word: "a b" }, { word: undefined, loud: false }]) {
    expect(validate(value)).toEqual({ value });
  }
});

test("every fault is told at its option's path", () => {
  expect(validate({ word: "a\nb", loud: 1, wrod: "", constructor: 1 })).toEqual({
    issues: [
      { path: ["word"], message: "must be a word" },
      { path: ["loud"], message: "must be true or false" },
      { path: ["wrod"], message: "unknown option: did you mean word?" },
      { path: ["constructor"], message: "unknown option: known are word, loud" },
    ],
  });
});

test.each([null, [], "word", 1, undefined])("%j is no object of options", (value) => {
  expect(validate(value)).toEqual({ issues: [{ message: "must be an object" }] });
});
