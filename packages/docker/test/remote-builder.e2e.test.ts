import { testEngine } from "./support/engine-suite.ts";
import { useRemoteBuilder } from "./support/newer-docker.ts";

testEngine(() => useRemoteBuilder(), { isThorough: true });
