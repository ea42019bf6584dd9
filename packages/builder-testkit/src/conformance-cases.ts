import { availabilityCases } from "./cases/availability-cases.ts";
import { buildCases } from "./cases/build-cases.ts";
import { interfaceCases } from "./cases/interface-cases.ts";
import { planCases } from "./cases/plan-cases.ts";
import { secretCases } from "./cases/secret-cases.ts";
import type { ConformanceCase } from "./kit.ts";

/** What every builder is held to, in the order in which it is asked: nothing is built before the rest is right. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...interfaceCases,
  ...planCases,
  ...availabilityCases,
  ...buildCases,
  ...secretCases,
];
