import { ImageSpecError } from "../errors/image-spec-error.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** A plan that is none: made by something else, or damaged. */
export function unreadablePlan(message: string): ImageSpecError {
  return new ImageSpecError("PLAN_UNREADABLE", `this is no plan of imagespec: ${message}`, {
    hint: "compare with a spec, or with an image that imagespec's docker builder has built",
  });
}

export function readFields(value: unknown, where: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw unreadablePlan(`${where} is no record`);
}

export function readList(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unreadablePlan(`${where} is no list`);
}

export function readText(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  throw unreadablePlan(`${where} is no text`);
}

export function readTexts(value: unknown, where: string): readonly string[] {
  return readList(value, where).map((item) => readText(item, where));
}
