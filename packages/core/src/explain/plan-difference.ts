/** One difference between two plans, in words: `requirements.txt: pandas 2.2.0 → 2.3.3`. */
export type PlanDifference = Readonly<{
  /** The field or file, as people call it. */
  name: string;
  change: "added" | "removed" | "changed";
  /** What changed, in words; for what is added or removed as a whole, that. */
  detail: string;
}>;
