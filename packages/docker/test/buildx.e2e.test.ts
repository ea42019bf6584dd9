import { testEngine } from "./support/engine-suite.ts";
import { useBuildx } from "./support/newer-docker.ts";

testEngine(() => useBuildx("containerd"));
