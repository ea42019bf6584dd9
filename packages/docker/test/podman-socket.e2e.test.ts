import { testEngine } from "./support/engine-suite.ts";
import { usePodman } from "./support/engine-under-test.ts";

testEngine(() => usePodman(), { isThorough: true });
