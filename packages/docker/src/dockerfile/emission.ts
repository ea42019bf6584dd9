import {
  type BuildPlan,
  type EmittedFile,
  exactReference,
  formatImageReference,
  type ImageConfig,
  isCarriable,
  type PlanInput,
  parseImageReference,
  Refusals,
} from "@imagespec/core";
import type { DockerOptions } from "../options.ts";
import { fitsWord, type Pieces, quoteWord } from "./quote.ts";
import { Stage } from "./stage.ts";
import { type StepSecrets, stepSecrets } from "./step-secrets.ts";

/** A secret that steps mount, and where they find it: a path, `variable NAME` or `netrc`. */
export type ExpectedSecret = Readonly<{ id: string; target: string }>;

/**
 * A Dockerfile in the making. Stages are written in the order in which they are opened; `image` is the one that ends
 * up as the image.
 */
export class Emission extends Refusals {
  readonly plan: BuildPlan;
  readonly options: DockerOptions;
  /** The base's config; undefined where it was not inspected. */
  readonly base: ImageConfig | undefined;
  /** Files of the context that steps need, by path. */
  readonly files: Map<string, EmittedFile> = new Map();
  readonly buildArguments: Map<string, string> = new Map();
  readonly secrets: Map<string, ExpectedSecret> = new Map();
  /** What is lent to each kind of step. */
  readonly lent: StepSecrets;
  readonly #pins: ReadonlyMap<string, string>;
  readonly #stages: Stage[] = [];
  #image: Stage | undefined;

  constructor({ plan, options, bases, pins = new Map() }: PlanInput<DockerOptions>) {
    super();
    this.plan = plan;
    this.options = options;
    this.base = bases.get(plan.base.reference);
    this.#pins = pins;
    this.lent = stepSecrets(plan, options, this);
  }

  /** The exact name of an image that the project has locked; any other name as it is. */
  pinned(name: string): string {
    return exactReference(name, this.#pins.get(formatImageReference(parseImageReference(name))));
  }

  get image(): Stage {
    if (!this.#image) throw new Error("no stage is open");
    return this.#image;
  }

  /** A stage for tools. The image goes on in a stage that is opened after it. */
  openStage(from: string, name: string): Stage {
    const stage = new Stage(from, name);
    this.#stages.push(stage);
    return stage;
  }

  /** Goes on in a new stage, so that another one can start where this one ends. */
  openImage(from: string, name: string): Stage {
    this.#image = this.openStage(from, name);
    return this.#image;
  }

  /** A text that the image can hold, or a refusal and nothing. */
  text(value: string, field: string): string {
    if (isCarriable(value)) return value;
    const hint = "an image holds UTF-8 text without NUL";
    this.refuse("the value is not text that an image can hold", {
      code: "DOCKER_VALUE_NOT_TEXT",
      field,
      hint,
    });
    return "";
  }

  texts(values: readonly string[], field: string): string[] {
    return values.map((value, index) => this.text(value, `${field}[${index}]`));
  }

  /** A value as a word of `stage`'s next instruction: literally, or by a build argument that is declared now. */
  word(stage: Stage, value: string, field: string): Pieces {
    const text = this.text(value, field);
    if (fitsWord(text)) return quoteWord(text);
    const name = this.#argumentFor(text);
    stage.declare(name);
    return [`"\${${name}}"`];
  }

  #argumentFor(value: string): string {
    for (const [name, known] of this.buildArguments) if (known === value) return name;
    const name = `IMAGESPEC_ARG_${this.buildArguments.size + 1}`;
    this.buildArguments.set(name, value);
    return name;
  }

  override toString(): string {
    return this.#stages.join("\n");
  }
}
