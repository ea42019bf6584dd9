import type { Step } from "./compare.ts";

type Difference = NonNullable<Step["differs"]>;

/** Ours says what is wrong in JSON, where docker's registry has only the text of its web framework. */
export const asJson = "docker's registry answers what it has no route for in plain text";
export const json = "application/json; charset=utf-8";
export const noRoute: Difference = { why: asJson, ours: { codes: "UNSUPPORTED", "content-type": json } };
