export type { BuilderUnderTest, BuildPlace } from "./builder-under-test.ts";
export { conformanceCases } from "./conformance-cases.ts";
export { describeBuilder } from "./describe-builder.ts";
export { type Bench, type ConformanceCase, type Kit, setUpBench } from "./kit.ts";
export type { SecretMount } from "./samples.ts";
