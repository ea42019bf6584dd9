import { isCarriable, Refusals } from "@imagespec/core";
import type { BuildPlan, EmittedFile, ImageConfig, PlanInput } from "@imagespec/core/builder";
import { formatCall, insideQuotes } from "./quote.ts";

/** What of a plan's input an emitter looks at; the options of the builder change nothing in the text. */
export type EmissionInput = Pick<PlanInput<unknown>, "plan" | "bases">;

type Values = Parameters<typeof formatCall>[1];

/** The longest string that Linux hands to a program, its NUL left out. */
export const LONGEST_ARGUMENT = 131_071;

/** A `build.envd` in the making. */
export class Emission extends Refusals {
  readonly plan: BuildPlan;
  /** The base's config; undefined where it was not inspected. */
  readonly base: ImageConfig | undefined;
  /** Files of the context that stand beside the plan's own entries. */
  readonly files: EmittedFile[] = [];
  readonly #calls: string[] = [];

  constructor({ plan, bases }: EmissionInput) {
    super();
    this.plan = plan;
    this.base = bases.get(plan.base.reference);
  }

  call(name: string, values: Values): void {
    this.#calls.push(formatCall(name, values));
  }

  /** Lines of a shell, as root, which end at the first failure. Runs after everything that is installed and copied. */
  shell(lines: readonly string[], { mountHost = false }: Readonly<{ mountHost?: boolean }> = {}): void {
    const script = ["set +u +o pipefail", ...lines].map(insideQuotes);
    this.call("run", { commands: script, ...(mountHost && { mount_host: true }) });
  }

  /** A text that envd and the image can carry, or a refusal and nothing. */
  text(value: string, field: string): string {
    const hint = "NUL and halves of surrogate pairs are no text; put such bytes into a file and copy it";
    if (!isCarriable(value)) {
      this.refuse("the value is not text that an image can hold", {
        code: "ENVD_VALUE_NOT_TEXT",
        field,
        hint,
      });
      return "";
    }
    if (Buffer.byteLength(value) <= LONGEST_ARGUMENT) return value;
    this.refuse("no program could be started with a text that long", {
      code: "ENVD_TOO_LONG",
      field,
      hint: "put it into a file and copy that",
    });
    return "";
  }

  texts(values: readonly string[], field: string): string[] {
    return values.map((value, index) => this.text(value, `${field}[${index}]`));
  }

  override toString(): string {
    return ["# syntax=v1", "", "def build():", ...this.#calls, ""].join("\n");
  }
}
