import { testEngine } from "./support/engine-suite.ts";
import { useNewerDocker } from "./support/newer-docker.ts";

testEngine(() => useNewerDocker("graphdriver"));
