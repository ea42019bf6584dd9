import { testEngine } from "./support/engine-suite.ts";
import { testEngineConda } from "./support/engine-suite-conda.ts";
import { useProgram } from "./support/engine-under-test.ts";

testEngineConda(testEngine(() => useProgram("buildah"), { withApt: true, isThorough: true }));
