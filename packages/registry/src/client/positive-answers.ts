import type { Existence } from "@imagespec/core";

type Answer = Readonly<{ existence: Existence; until: number }>;

const MAX_ANSWERS = 10_000;

/** Remembers for a while that images are there. That one is absent, or unknown, is never remembered. */
export class PositiveAnswers {
  readonly #answers = new Map<string, Map<string, Answer>>();
  readonly #life: number;
  #count = 0;
  #age = 0;

  /** `life`: milliseconds; 0 remembers nothing. */
  constructor(life: number) {
    this.#life = life;
  }

  /** Changes whenever something is forgotten: an answer to a question from before is then not kept. */
  get age(): number {
    return this.#age;
  }

  get(reference: string, question: string): Existence | undefined {
    const answer = this.#answers.get(reference)?.get(question);
    return answer !== undefined && answer.until > Date.now() ? answer.existence : undefined;
  }

  keep(reference: string, question: string, existence: Existence): void {
    if (existence.verdict !== "present" || this.#life === 0) return;
    if (this.#count >= MAX_ANSWERS) this.#clear();
    const answers = this.#answers.get(reference) ?? new Map<string, Answer>();
    answers.set(question, { existence, until: Date.now() + this.#life });
    this.#answers.set(reference, answers);
    this.#count += 1;
  }

  forget(reference: string): void {
    this.#age += 1;
    this.#answers.delete(reference);
  }

  #clear(): void {
    this.#answers.clear();
    this.#count = 0;
  }
}
