import { testEngine } from "./support/engine-suite.ts";
import { useProgram } from "./support/engine-under-test.ts";

testEngine(() => useProgram("buildah"), { withApt: true, isThorough: true });
