import { testEngine } from "./support/engine-suite.ts";
import { testEngineConda } from "./support/engine-suite-conda.ts";
import { usePodman } from "./support/engine-under-test.ts";

testEngineConda(testEngine(() => usePodman(), { isThorough: true }));
